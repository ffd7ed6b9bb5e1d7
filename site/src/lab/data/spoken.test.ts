import { describe, expect, it } from 'vitest';
import { spokenChange } from './spoken.ts';
import { did, lake, rule } from './testing/lakes.ts';

describe('what a screen reader is told', () => {
  it('a rule that became another, is new, or is gone', () => {
    const before = lake({ rules: [rule('a', { state: 'replicating' }), rule('gone', { expression: 'X' })] });
    const after = lake({ rules: [rule('new', { name: 'b', state: 'stuck' }), rule('a')] });
    expect(spokenChange(before, after)).toBe(
      'Rule for b at CNAF_USERDISK: stuck. Rule for run42.root at CNAF_USERDISK: OK. The rule for run42.root at X is gone.',
    );
  });
  it('a file that came or went', () => {
    expect(spokenChange(lake({ dids: [did('a')] }), lake({ dids: [did('b')] }))).toBe(
      'b is in the lake. a is no longer in the lake.',
    );
  });
  it('numbers that only grow are not spoken', () => {
    const before = lake({ rules: [rule('a', { state: 'replicating', ok: 1, replicating: 2 })] });
    const after = lake({ rules: [rule('a', { state: 'replicating', ok: 2, replicating: 1 })], moreDids: 1 });
    expect(spokenChange(before, after)).toBeNull();
  });
  it('more than three at once are counted', () => {
    const many = lake({ dids: ['a', 'b', 'c', 'd', 'e'].map((name) => did(name)) });
    expect(spokenChange(lake({}), many)).toBe(
      'a is in the lake. b is in the lake. c is in the lake. And 2 more changes.',
    );
  });
});
