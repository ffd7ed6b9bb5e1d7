import { describe, expect, it } from 'vitest';
import type { LakeTransfer } from '../../../../sandbox-server/contract/lake.ts';
import { copyWord, ending, lasting, locks, ruleWord, share, size, sizeOf, transferWords } from './words.ts';

it.each([
  [0, '0 B'],
  [1, '1 B'],
  [999, '999 B'],
  [1000, '1.0 kB'],
  [2_000_000, '2.0 MB'],
  [9_949_999, '9.9 MB'],
  [9_960_000, '10 MB'],
  [16_400_000, '16 MB'],
  [2_147_483_648, '2.1 GB'],
  [5e18, '5000 PB'],
])('%d bytes are %s', (bytes, words) => {
  expect(size(bytes)).toBe(words);
});

it.each([
  [0, 50_000_000, '0 of 50 MB'],
  [400_000, 50_000_000, '0.4 of 50 MB'],
  [22_000_000, 50_000_000, '22 of 50 MB'],
  [6_100_000, 16_000_000, '6.1 of 16 MB'],
  [26_000_000, 20_000_000, '26 of 20 MB'],
  [3, 7, '3 of 7 B'],
  [0, 0, '0 of 0 B'],
])('%d of %d bytes: %s', (done, all, words) => {
  expect(sizeOf(done, all)).toBe(words);
});

it.each([
  [1, '1 second'],
  [59, '59 seconds'],
  [119, '119 seconds'],
  [120, '2 minutes'],
  [7199, '119 minutes'],
  [7200, '2 hours'],
  [86_399, '23 hours'],
  [172_800, '2 days'],
])('%d s last %s', (seconds, words) => {
  expect(lasting(seconds)).toBe(words);
});

describe('the end of a rule', () => {
  const NOW = 1_800_000_000_000;
  it('counts down in words, and says when it is only waited for', () => {
    expect(ending(null, NOW)).toBe('never ends');
    expect(ending(NOW + 86_399_000, NOW)).toBe('ends in 23 hours');
    expect(ending(NOW + 2_000, NOW)).toBe('ends in 2 seconds');
    expect(ending(NOW + 500, NOW)).toBe('has ended, goes any moment');
    expect(ending(NOW - 1e9, NOW)).toBe('has ended, goes any moment');
  });
});

it('every state of a rule has a word and a shape', () => {
  const states = ['ok', 'replicating', 'stuck', 'suspended', 'waiting-approval', 'inject'] as const;
  expect(states.map((state) => ruleWord({ state }).word)).toEqual([
    'OK',
    'replicating',
    'stuck',
    'suspended',
    'waits for approval',
    'being made',
  ]);
  for (const state of states) expect(ruleWord({ state }).shape).not.toBe('');
});

it('locks: those that count something', () => {
  expect(locks({ ok: 2, replicating: 1, stuck: 0 })).toBe('2 OK · 1 replicating');
  expect(locks({ ok: 0, replicating: 0, stuck: 3 })).toBe('3 stuck');
  expect(locks({ ok: 0, replicating: 0, stuck: 0 })).toBe('no file yet');
});

it('a copy: of a file by its state, of a dataset with how many', () => {
  const file = { kind: 'file' } as const;
  const dataset = { kind: 'dataset' } as const;
  const copy = { element: 'X', have: 2, of: 3 };
  expect(copyWord(file, undefined)).toEqual({ words: 'none', shape: '–' });
  expect(copyWord(file, { ...copy, state: 'bad' })).toEqual({ words: 'damaged', shape: '!' });
  expect(copyWord(dataset, { ...copy, state: 'here' })).toEqual({ words: '2 of 3 files', shape: '2/3' });
  expect(copyWord(dataset, { ...copy, state: 'copying' }).words).toBe('2 of 3 files, on its way');
});

describe('a transfer', () => {
  const moving: LakeTransfer = {
    id: '1',
    scope: 'user.ada',
    name: 'a',
    from: 'X',
    to: 'Y',
    state: 'moving',
    bytes: 16_000_000,
    done: 6_100_000,
    rate: 2_300_000,
    since: 1000,
    why: null,
  };
  it('says how far and how fast, as far as either is known', () => {
    expect(transferWords(moving, 0)).toBe('6.1 of 16 MB · 2.3 MB/s');
    expect(transferWords({ ...moving, rate: null }, 0)).toBe('6.1 of 16 MB');
    expect(transferWords({ ...moving, bytes: null, rate: null }, 0)).toBe('moving');
  });
  it('that waits says how long, by a clock that may be behind', () => {
    expect(transferWords({ ...moving, state: 'waiting' }, 9000)).toBe('waits its turn · 8 seconds');
    expect(transferWords({ ...moving, state: 'waiting' }, 0)).toBe('waits its turn · 0 seconds');
  });
  it('has a share of 0 to 1, where it can be counted', () => {
    expect([share(moving), share({ done: 20, bytes: 10 }), share({ done: 0, bytes: 0 })]).toEqual([
      0.38125,
      1,
      null,
    ]);
  });
});
