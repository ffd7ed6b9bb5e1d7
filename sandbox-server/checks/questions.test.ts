import { describe, expect, it } from 'vitest';
import { question } from '../labs/testing/courses.ts';
import { judgeChoices, judgeText } from './questions.ts';

const asks = question('q', {
  choices: [
    { text: 'a', right: true, why: 'Because a.' },
    { text: 'b', right: false, why: 'b is the port.' },
    { text: 'c', right: true },
    { text: 'd', right: false },
  ],
});
const pick = (...choices: number[]) => judgeChoices(asks, { question: 'q', choices });

describe('choices', () => {
  it('all right ones and no other', () => {
    expect(pick(0, 2)).toEqual({ right: true, why: 'Because a.' });
    expect(pick(2, 0, 0)).toMatchObject({ right: true });
  });
  it('a wrong one says its own reason', () => {
    expect(pick(0, 1, 2)).toEqual({ right: false, why: 'b is the port.' });
    expect(pick(3)).toEqual({ right: false, why: 'Not that one. Try again.' });
  });
  it('too few tells not which', () => {
    expect(pick(0)).toEqual({ right: false, why: 'Right so far, but not all of it.' });
    expect(pick()).toEqual({ right: false, why: 'Pick an answer.' });
  });
  it('numbers of no choice are no way around', () => {
    expect(pick(-1).right).toBe(false);
    expect(pick(99).right).toBe(false);
    expect(judgeChoices(question('none'), { question: 'none', choices: [0] }).right).toBe(false);
  });
});

describe('text', () => {
  const given = (text: string, wanted = '42\n') => judgeText(wanted, { question: 'q', text }).right;
  it.each(['42', ' 42 ', '42.0', '4.2e1'])('%j is 42', (text) => {
    expect(given(text)).toBe(true);
  });
  it.each(['41', '', ' ', '42 files', 'NaN', '0x2b'])('%j is not', (text) => {
    expect(given(text)).toBe(false);
  });
  it('words without regard to case and spaces; silence is never right', () => {
    expect(given('Two  Workers', 'two workers')).toBe(true);
    expect(given('', '')).toBe(false);
  });
});
