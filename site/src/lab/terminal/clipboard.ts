/** OSC 52: a program asks for the clipboard. Reading is always refused, writing needs the learner's consent. Pure. */

/** Characters that a program may offer at most. */
const LONGEST = 100_000;

export type ClipboardRequest = { readonly ask: 'write'; readonly text: string } | { readonly ask: 'refused' };

/** @param payload what follows `52;` in the sequence: `c;BASE64` or `c;?` */
export function clipboardRequest(payload: string): ClipboardRequest {
  const data = /^[a-z0-9]*;([A-Za-z0-9+/=]+)$/.exec(payload)?.[1];
  if (data === undefined || data.length > LONGEST * 2) return { ask: 'refused' };
  const text = decode(data);
  return text === null || text === '' || text.length > LONGEST ? { ask: 'refused' } : { ask: 'write', text };
}

function decode(base64: string): string | null {
  try {
    const bytes = Uint8Array.from(atob(base64), (char) => char.charCodeAt(0));
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch (error) {
    // not base64 (DOMException) or not UTF-8 (TypeError)
    if (error instanceof DOMException || error instanceof TypeError) return null;
    throw error;
  }
}

/** What the question shows of it: one line, control characters visible. */
export function excerpt(text: string): string {
  const visible = text.replace(/[\x00-\x1f\x7f-\x9f]/g, (char) => (char === '\n' ? '⏎' : '·'));
  return visible.length > 80 ? `${visible.slice(0, 79)}…` : visible;
}
