/**
 * What stands between an old shell's text and a new shell in the same log, written for whatever the old one left
 * behind: full screen, mouse reports, a hidden cursor, colours. The cursor is saved before 1049 restores it, and
 * reset after: outside full screen 1049 alone brings back whatever was saved last, which put the new prompt over
 * the old text.
 */
export const FRESH_START = Buffer.from(
  '\x1b7\x1b[?1049l\x1b[!p\x1b[?1000l\x1b[?1002l\x1b[?1003l\x1b[?1006l\x1b[?2004l\x1b[?25h\x1b[0m\r\n',
);
