import { expect, it } from 'vitest';
import { createMeter } from './meter.ts';

it('is the mean of the last ten seconds for each link, and the sum since the start', () => {
  let now = 0;
  const meter = createMeter(() => now);
  meter.add('a > b', 10_000);
  now = 5000;
  meter.add('a > b', 20_000);
  meter.add('b > a', 500);
  meter.add('b > a', -3);
  expect([meter.rate('a > b'), meter.rate('b > a'), meter.rate('c > d')]).toEqual([3000, 50, 0]);
  now = 12_000;
  expect(meter.rate('a > b')).toBe(2000);
  now = 60_000;
  expect([meter.rate('a > b'), meter.total]).toEqual([0, 30_500]);
});
