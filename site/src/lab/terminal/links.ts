/** T62: of the links in a terminal's output only http and https open, after a click, in a window that cannot reach back. */

/** @returns the address to open, or null where it must stay inert */
export function safeLink(uri: string): string | null {
  if (!URL.canParse(uri)) return null;
  const url = new URL(uri);
  return url.protocol === 'http:' || url.protocol === 'https:' ? url.href : null;
}

export function openLink(uri: string): void {
  const address = safeLink(uri);
  if (address !== null) window.open(address, '_blank', 'noopener,noreferrer');
}
