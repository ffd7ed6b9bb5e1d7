import { describe, expect, it } from 'vitest';
import { printedIn } from './printed.ts';

const PROMPT = '\x1b]133;A;n\x07$ \x1b]133;B;n\x07';
/** As bash writes it: echo of the line, its marks, what it prints, the end. */
const command = (line: string, prints: string): string =>
  `${PROMPT}${line}\r\n\x1b[?2004l\r\x1b]633;E;${line};n\x07\x1b]133;C;0;n\x07${prints}\x1b]133;D;0;n\x07`;

describe('what a block printed', () => {
  it('is told from prompts and echo, as plain text', () => {
    const stream = command('ls', '\x1b[0m\x1b[01;34ma\x1b[0m  b\r\n') + command('echo c', 'c\r\n') + PROMPT;
    expect(printedIn(stream)).toBe('a  b\nc');
  });
  it('is the last drawing of each line, and empty lines inside it stay', () => {
    expect(printedIn(command('go', '10%\r50%\r100%\r\n\r\nend') + PROMPT)).toBe('100%\n\nend');
  });
  it('of several commands in one line is all of it', () => {
    const both = `${PROMPT}\x1b]633;E;a;n\x07\x1b]133;C;0;n\x07one\r\n\x1b]633;E;b;n\x07\x1b]133;C;0;n\x07two\r\n\x1b]133;D;0;n\x07`;
    expect(printedIn(both)).toBe('one\ntwo');
  });
  it('is nothing where nothing was printed', () => expect(printedIn(command('true', '') + PROMPT)).toBe(''));
});
