import { describe, expect, it } from 'vitest';
import type { LakeData } from '../contract/lake.ts';
import { lakeOf } from './merge.ts';
import { isMoving, newsOf } from './news.ts';
import { dataset, file, listed, parts, replica, rule, queued } from './testing/parts.ts';

const quiet = lakeOf(parts({ rules: listed(rule('a')), dids: listed(file('run42.root')) }));

describe('news', () => {
  it('begins with all of it', () => {
    expect(newsOf(null, quiet)).toEqual({ type: 'all', data: quiet });
  });
  it('is nothing where nothing is another', () => {
    expect(newsOf(quiet, structuredClone(quiet))).toBeNull();
  });
  it('holds the parts that are another, whole, and no other', () => {
    const now: LakeData = { ...quiet, rules: [rule('a', { state: 'stuck', ok: 0, stuck: 1 })], moreDids: 3 };
    expect(newsOf(quiet, now)).toEqual({ type: 'changed', parts: { rules: now.rules, moreDids: 3 } });
  });
  it('says null where transfers cannot be known any more', () => {
    expect(newsOf(quiet, { ...quiet, transfers: null })).toEqual({
      type: 'changed',
      parts: { transfers: null },
    });
  });
});

describe('something moves', () => {
  it.each([
    ['a rule that replicates', parts({ rules: listed(rule('a', { state: 'replicating' })) }), true],
    ['a rule being made', parts({ rules: listed(rule('a', { state: 'inject' })) }), true],
    ['a stuck rule', parts({ rules: listed(rule('a', { state: 'stuck' })) }), false],
    ['a rule that is kept', parts({ rules: listed(rule('a')) }), false],
    [
      'a copy on its way',
      parts({ dids: listed(file('a')), replicas: listed(replica('a', { X: 'copying' })) }),
      true,
    ],
    [
      'a file of a dataset being deleted',
      parts({ dids: listed(dataset('d')), replicas: listed(replica('a', { X: 'leaving' }, ['user.ada:d'])) }),
      true,
    ],
    ['a transfer that waits', parts({ transfers: [queued('t', { state: 'waiting' })] }), true],
    ['a transfer that failed', parts({ transfers: [queued('t', { state: 'failed' })] }), false],
    ['nobody knows what transfers do', parts({ transfers: null }), false],
  ])('%s', (_what, given, moves) => {
    expect(isMoving(lakeOf(given))).toBe(moves);
  });
});
