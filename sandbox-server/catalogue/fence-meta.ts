/** The words after a fence's language: `run terminal=watch until="test -f x"`. */

export interface FenceMeta {
  /** bare words in order; the first names the fence's kind */
  readonly words: readonly string[];
  readonly options: Readonly<Record<string, string>>;
  /** the first piece that is neither a word nor `key=value`, or a key given twice */
  readonly unreadable: string | null;
}

// sticky, and each alternative consumes at least one character: linear in the length of the line
const PIECE = /([A-Za-z][\w-]*)=(?:"([^"]*)"|'([^']*)'|([^\s"']+))(?=\s|$)|([A-Za-z][\w-]*)(?=\s|$)|(\S+)/y;

/** Reads words and `key=value`, `key="value"`, `key='value'`. Never throws. */
export function parseMeta(meta: string): FenceMeta {
  const words: string[] = [];
  const options: Record<string, string> = Object.create(null) as Record<string, string>;
  let unreadable: string | null = null;
  for (const piece of pieces(meta)) {
    const [, key, double, single, bare, word, junk] = piece;
    if (junk !== undefined) unreadable ??= junk;
    else if (word !== undefined) words.push(word);
    else if (key !== undefined) {
      if (key in options) unreadable ??= `${key} twice`;
      options[key] = double ?? single ?? bare ?? '';
    }
  }
  return { words, options, unreadable };
}

function* pieces(meta: string): Generator<RegExpExecArray> {
  const piece = new RegExp(PIECE);
  const space = /\s*/y;
  for (let at = 0; ;) {
    space.lastIndex = at;
    space.exec(meta);
    piece.lastIndex = space.lastIndex;
    const found = piece.exec(meta);
    if (found === null) return;
    yield found;
    at = piece.lastIndex;
  }
}
