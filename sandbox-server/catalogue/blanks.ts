/** `{{user}}`, `{{seat}}` and `{{fact:NAME}}`: found the same way by the page and by the server. */

export interface Blank {
  /** `user`, `seat` or `fact:NAME` */
  readonly name: string;
  /** what a page without a server shows: `user`, `seat` or the fact's name */
  readonly label: string;
}

const BLANK = /\{\{(user|seat|fact:[A-Za-z][\w-]{0,60})\}\}/g;

/** Texts and blanks in turn, as they stand; joined again they are the text given. */
export function splitBlanks(text: string): (string | Blank)[] {
  const parts: (string | Blank)[] = [];
  let at = 0;
  for (const found of text.matchAll(BLANK)) {
    if (found.index > at) parts.push(text.slice(at, found.index));
    const name = found[1] ?? '';
    parts.push({ name, label: name.replace(/^fact:/, '') });
    at = found.index + found[0].length;
  }
  if (at < text.length) parts.push(text.slice(at));
  return parts;
}

/**
 * In code a blank becomes `⟦user⟧` or `⟦fact:NAME⟧`: one run of text that a highlighter leaves whole
 * or splits, but never changes, so that the page's client code can find it again.
 */
export function markBlanks(code: string): string {
  return splitBlanks(code)
    .map((part) => (typeof part === 'string' ? part : `⟦${part.name}⟧`))
    .join('');
}
