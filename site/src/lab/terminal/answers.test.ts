import { describe, expect, it } from 'vitest';
import { isTerminalAnswer } from './answers.ts';

describe('answers of a terminal', () => {
  it.each([
    ['device attributes', '\x1b[?1;2c'],
    ['secondary attributes', '\x1b[>0;276;0c'],
    ['status', '\x1b[0n'],
    ['cursor position', '\x1b[12;40R'],
    ['private cursor position', '\x1b[?12;40R'],
    ['mode report', '\x1b[?2026;2$y'],
    ['T63 window report', '\x1b[8;24;80t'],
    ['T63 DECRQSS', '\x1bP1$r0m\x1b\\'],
    ['T63 title report', '\x1b]lrm -rf ~\x1b\\'],
    ['colour report', '\x1b]11;rgb:1111/2222/3333\x07'],
    ['keyboard flags', '\x1b[?0u'],
    ['several at once', '\x1b[?1;2c\x1b[12;40R'],
  ])('%s', (_, data) => {
    expect(isTerminalAnswer(data)).toBe(true);
  });

  it.each([
    ['letters', 'ls -l\r'],
    ['an arrow', '\x1b[A'],
    ['an application arrow', '\x1bOA'],
    ['Ctrl-C', '\x03'],
    ['Escape', '\x1b'],
    ['Alt-c', '\x1bc'],
    ['Home, Delete, F5', '\x1b[H\x1b[3~\x1b[15~'],
    ['a bracketed paste', '\x1b[200~echo\x1b[201~'],
    ['focus', '\x1b[I'],
    ['an answer and a key', '\x1b[?1;2cx'],
    ['nothing', ''],
  ])('not %s', (_, data) => {
    expect(isTerminalAnswer(data)).toBe(false);
  });
});
