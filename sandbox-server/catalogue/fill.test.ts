import { describe, expect, it } from 'vitest';
import { markBlanks, splitBlanks } from './blanks.ts';
import { fill } from './fill.ts';

const filling = { user: 'st07', facts: { rule: 'r1', 'no-of': '3' } };

describe('blanks', () => {
  it('are filled with what is known of the learner', () => {
    expect(fill('user.{{user}}:{{fact:rule}} {{fact:no-of}}', filling)).toEqual({
      text: 'user.st07:r1 3',
      missing: [],
    });
    expect(fill('{{seat}}', { ...filling, seat: '4' })).toEqual({ text: '4', missing: [] });
  });
  it('that are unknown stay, and are named once', () => {
    expect(fill('{{fact:x}} {{fact:x}} {{seat}}', filling)).toEqual({
      text: '{{fact:x}} {{fact:x}} {{seat}}',
      missing: ['fact:x', 'seat'],
    });
  });
  it('never reach into an object for a fact', () => {
    expect(fill('{{fact:constructor}} {{fact:toString}}', filling).missing).toEqual([
      'fact:constructor',
      'fact:toString',
    ]);
  });
  it('are filled once: a value that looks like a blank stays as it is', () => {
    expect(fill('{{fact:rule}}', { user: 'u', facts: { rule: '{{user}} $& $1' } }).text).toBe(
      '{{user}} $& $1',
    );
  });
  it('leave every other brace alone', () => {
    for (const text of ['{{ user }}', '{{users}}', '{{fact:}}', '{{fact:1}}', '{user}', '${{x}}', '{{{{'])
      expect(fill(text, filling)).toEqual({ text, missing: [] });
  });
  it('come apart and together again', () => {
    const text = 'a{{user}}b{{fact:x}}';
    expect(splitBlanks(text)).toEqual([
      'a',
      { name: 'user', label: 'user' },
      'b',
      { name: 'fact:x', label: 'x' },
    ]);
    expect(markBlanks(text)).toBe('a⟦user⟧b⟦fact:x⟧');
  });
});
