import { describe, expect, it } from 'vitest';
import { figure, median, percentile, row, show } from './table.ts';

describe('percentile', () => {
  it('takes the nearest rank', () => {
    expect(percentile([4, 1, 3, 2], 50)).toBe(2);
    expect(percentile([4, 1, 3, 2], 99)).toBe(4);
    expect(median([7])).toBe(7);
  });
  it('refuses nothing', () => expect(() => percentile([], 50)).toThrow(RangeError));
});

describe('a row', () => {
  const pairs = [
    { ours: 2, theirs: 1 },
    { ours: 3, theirs: 1 },
    { ours: 8, theirs: 8 },
  ];
  it('is the median of the rounds’ ratios, not the ratio of medians', () => {
    expect(row('x', 'peer', pairs, { op: '<=', value: 2 })).toMatchObject({
      ours: 3,
      against: { peer: 1 },
      ratio: { median: 2, min: 1, max: 3 },
      holds: true,
    });
  });
  it('says when a goal is missed', () => {
    expect(row('x', 'peer', pairs, { op: '>=', value: 3 }).holds).toBe(false);
    expect(figure('bytes', [100, 120], { op: '<=', value: 90 }).holds).toBe(false);
  });
});

describe('the table', () => {
  it('has a line a row and says what missed', () => {
    const text = show({
      name: 'echo',
      rounds: 3,
      machine: '2 cores',
      rows: [figure('KiB', [101.234], { op: '<=', value: 90 })],
    });
    expect(text.split('\n')).toHaveLength(3);
    expect(text).toMatch(/KiB +101 .*<= 90 +MISSED/);
  });
});
