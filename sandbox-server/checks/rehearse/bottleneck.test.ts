import { describe, expect, it } from 'vitest';
import { bottleneckOf } from './bottleneck.ts';
import type { Sample } from './machine.ts';
import { roleOf } from './roles.ts';

/** one a second */
const samples = (...busy: readonly number[]): Sample[] =>
  busy.map((processors, at) => ({ at: at + 1, processors, memory: 0.5 }));
const EVEN = [1, 1, 2];

describe('what ran short first', () => {
  it('is nothing where there was enough', () => {
    expect(bottleneckOf(samples(0.5, 0.9, 0.94, 0.2), EVEN)).toBeNull();
    expect(bottleneckOf([], [])).toBeNull();
  });

  it('are the processors, once all were busy for five seconds in a row', () => {
    const busy = samples(1, 1, 0.2, 1, 1, 1, 0.96, 1, 0.1);
    expect(bottleneckOf(busy, EVEN)).toMatchObject({ name: 'processors', at: 4 });
    expect(bottleneckOf(samples(1, 1, 1, 1, 0.9, 1, 1), EVEN)).toBeNull();
  });

  it('is memory, where less than a tenth was left', () => {
    const few = samples(0.1, 0.1).map((one, at) => ({ ...one, memory: at === 1 ? 0.08 : 0.5 }));
    expect(bottleneckOf(few, EVEN)).toEqual({
      name: 'memory',
      at: 2,
      text: '8 % of it was free; more of it, or smaller sandboxes',
    });
  });

  it('are sandboxes, where the last waited much longer than the first', () => {
    expect(bottleneckOf([], [2, 5, 31])).toMatchObject({ name: 'sandboxes', at: 2 });
    expect(bottleneckOf([], [2, 5, 6])).toBeNull();
    expect(bottleneckOf([], [20, 25, 31])).toBeNull();
  });

  it('is the first of several', () => {
    const both = samples(1, 1, 1, 1, 1, 1).map((one, at) => ({ ...one, memory: at === 4 ? 0.05 : 0.5 }));
    expect(bottleneckOf(both, [3, 40])).toMatchObject({ name: 'processors', at: 1 });
  });
});

describe('a class', () => {
  it('is mostly steady; a quarter errs, a seventh has a bad network', () => {
    const roles = Array.from({ length: 28 }, (_, at) => roleOf(at));
    const count = (role: string) => roles.filter((each) => each === role).length;
    expect([count('steady'), count('mistaken'), count('dropping')]).toEqual([18, 6, 4]);
    expect(roleOf(0)).toBe('steady');
  });
});
