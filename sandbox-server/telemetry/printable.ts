/** Text of others made fit for a log line, a page or a message: no control characters, bounded (T66). */

/**
 * What would move a cursor, hide or reorder text: C0 and C1 controls, DEL, line separators,
 * zero-width and bidirectional formatting, lone surrogates.
 */
const UNPRINTABLE =
  /[\u0000-\u001f\u007f-\u009f\u00ad\u061c\u200b\u200e\u200f\u2028-\u202e\u2060-\u2069\ufeff]|[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/g;

/**
 * Escapes control characters visibly (`\x1b`, `\u202e`) and cuts to `max` UTF-16 units, an ellipsis included.
 * @param text anything, also hostile; work is bounded by `max`, not by its length.
 */
export function printable(text: string, max = 2000): string {
  const escaped = text.slice(0, max + 1).replace(UNPRINTABLE, escapeOne);
  return escaped.length <= max ? escaped : `${withoutHalf(escaped.slice(0, max - 1))}…`;
}

/** For names and sentences shown to people: control characters simply go. */
export function withoutControls(text: string, max = 100): string {
  return withoutHalf(
    text
      .slice(0, max * 4)
      .replace(UNPRINTABLE, '')
      .trim()
      .slice(0, max),
  );
}

function escapeOne(char: string): string {
  const code = char.charCodeAt(0);
  return code < 0x100
    ? `\\x${code.toString(16).padStart(2, '0')}`
    : `\\u${code.toString(16).padStart(4, '0')}`;
}

/** A cut may fall inside a surrogate pair. */
function withoutHalf(text: string): string {
  return /[\ud800-\udbff]$/.test(text) ? text.slice(0, -1) : text;
}
