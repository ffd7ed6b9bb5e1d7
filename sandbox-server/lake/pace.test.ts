import { describe, expect, it } from 'vitest';
import { CALM_MS, DROWSY_MS, QUICK_MS, isDue, waitMs } from './pace.ts';
import type { Pulse } from './pace.ts';

const NOW = 1_800_000_000_000;
const pulse = (more: Partial<Pulse>): Pulse => ({
  moving: false,
  changedAt: NOW - 60_000,
  stirredAt: NOW - 60_000,
  tookMs: 100,
  failures: 0,
  ...more,
});

describe('how often the lake is asked', () => {
  it.each([
    ['something moves', { moving: true }, QUICK_MS],
    ['the learner has just done something', { stirredAt: NOW - 5000 }, QUICK_MS],
    ['nothing does', {}, CALM_MS],
    ['nothing has for long', { changedAt: NOW - 600_000, stirredAt: 0 }, DROWSY_MS],
    [
      'what moves has not changed for ten minutes',
      { moving: true, changedAt: NOW - 601_000, stirredAt: 0 },
      DROWSY_MS,
    ],
  ])('%s', (_when, more, ms) => {
    expect(waitMs(pulse(more), NOW)).toBe(ms);
  });

  it('a change is seen within two seconds while somebody was here in the last minutes', () => {
    expect(CALM_MS + 300).toBeLessThan(2000);
  });

  it('a slow lake is asked half of the time, however much moves', () => {
    expect(waitMs(pulse({ moving: true, tookMs: 4000 }), NOW)).toBe(8_000);
  });

  it('a lake that does not answer is asked again after 1, 2, 4 … at most 15 s', () => {
    const waits = [1, 2, 3, 4, 5, 50].map((failures) => waitMs(pulse({ failures, moving: true }), NOW));
    expect(waits).toEqual([1000, 2000, 4000, 8000, 15_000, 15_000]);
  });
});

describe('what is asked in a round', () => {
  const resting = { moving: false, changed: false };
  it('everything the first time', () => {
    for (const part of ['replicas', 'usage', 'elements', 'transfers'] as const)
      expect(isDue(part, undefined, resting, NOW)).toBe(true);
  });
  it('copies, quotas and transfers as soon as rules or names are others; elements are not', () => {
    const changed = { moving: false, changed: true };
    expect(
      (['replicas', 'usage', 'transfers'] as const).map((part) => isDue(part, NOW - 1, changed, NOW)),
    ).toEqual([true, true, true]);
    expect(isDue('elements', NOW - 1, changed, NOW)).toBe(false);
  });
  it('transfers each time while something moves, copies now and then', () => {
    const moving = { moving: true, changed: false };
    expect(isDue('transfers', NOW - 10, moving, NOW)).toBe(true);
    expect(isDue('replicas', NOW - 1000, moving, NOW)).toBe(false);
    expect(isDue('replicas', NOW - 5000, moving, NOW)).toBe(true);
  });
  it('at rest, what is old', () => {
    expect(isDue('usage', NOW - 14_000, resting, NOW)).toBe(false);
    expect(isDue('usage', NOW - 15_000, resting, NOW)).toBe(true);
  });
});
