import { describe, expect, it } from 'vitest';
import { createTurns } from './turns.ts';

describe('turns', () => {
  it('are never more than asked for, are taken in order, and are free again after a failure', async () => {
    const turns = createTurns(2);
    let now = 0;
    let most = 0;
    const began: number[] = [];
    const work = (n: number) => async () => {
      began.push(n);
      most = Math.max(most, (now += 1));
      await new Promise((resolve) => setTimeout(resolve, 2));
      now -= 1;
      if (n === 1) throw new Error('one');
      return n;
    };
    const all = await Promise.allSettled([0, 1, 2, 3, 4].map((n) => turns.run(work(n))));
    expect(all.map(({ status }) => status)).toEqual([
      'fulfilled',
      'rejected',
      'fulfilled',
      'fulfilled',
      'fulfilled',
    ]);
    expect({ most, began }).toEqual({ most: 2, began: [0, 1, 2, 3, 4] });
  });
});
