/** Front matter is plain text with `code` in it: parts in turn, every second one code. A lone backtick is text. */
export interface Part {
  readonly text: string;
  readonly code: boolean;
}

export function partsOf(line: string): Part[] {
  const pieces = line.split(/`([^`]+)`/);
  return pieces.map((text, at) => ({ text, code: at % 2 === 1 })).filter(({ text }) => text !== '');
}

/** For places that take no markup, such as a page's description. */
export function withoutMarks(line: string): string {
  return partsOf(line)
    .map(({ text }) => text)
    .join('');
}
