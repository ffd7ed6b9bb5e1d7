import fc from 'fast-check';
import { expect, it } from 'vitest';
import { Retries, waitBefore } from './retry.ts';

const RULES = Retries.parse({});
const NOBODY = { retries: null, delayMs: null };

it('waits longer each time, and then no more', () => {
  expect([1, 2, 3].map((failures) => waitBefore(failures, NOBODY, RULES, 0.5))).toEqual([500, 1500, null]);
});
it("goes by the submitter's own word", () => {
  expect(waitBefore(1, { retries: 0, delayMs: null }, RULES, 0.5)).toBeNull();
  expect(waitBefore(5, { retries: 5, delayMs: 100 }, RULES, 0.5)).toBe(100);
});
it('spreads what failed together by a quarter to both sides, and never waits beyond the longest', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 10 }),
      fc.double({ min: 0, max: 1, noNaN: true }),
      (failures, random) => {
        const wait = waitBefore(failures, { retries: 10, delayMs: null }, RULES, random) ?? -1;
        const plain = Math.min(RULES.longestMs, RULES.firstMs * RULES.factor ** (failures - 1));
        expect(wait).toBeGreaterThanOrEqual(Math.floor(plain * 0.75));
        expect(wait).toBeLessThanOrEqual(Math.ceil(plain * 1.25));
      },
    ),
  );
});
