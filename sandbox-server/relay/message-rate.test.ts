import { expect, it } from 'vitest';
import { createMessageRate } from './message-rate.ts';

it('takes a burst, then what the seconds bring', () => {
  const rate = createMessageRate(100, 200, 0);
  expect(rate.take(200, 0)).toBe(true);
  expect(rate.take(1, 0)).toBe(false);
  expect(rate.take(99, 1000)).toBe(true);
});

it('never saves up more than a burst', () => {
  const rate = createMessageRate(100, 200, 0);
  expect(rate.take(0, 3_600_000)).toBe(true);
  expect(rate.take(201, 3_600_000)).toBe(false);
});

it('T8 lets 2,000 messages a second go on for ever and ends 10,000 a second within two', () => {
  const run = (perSecond: number, seconds: number): number => {
    const rate = createMessageRate(4000, 8000, 0);
    for (let ms = 0; ms < seconds * 1000; ms++) if (!rate.take(perSecond / 1000, ms)) return ms;
    return Infinity;
  };
  expect(run(2000, 600)).toBe(Infinity);
  expect(run(10_000, 60)).toBeLessThan(2000);
});
