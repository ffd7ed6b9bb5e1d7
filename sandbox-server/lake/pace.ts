/**
 * How often the lake is asked for one learner, and for what. A change must be on the page two seconds after Rucio has
 * it; and a class of 28 that watch must leave Rucio its two cores. Pure.
 */

/** while something moves, or the learner has just done something */
export const QUICK_MS = 1000;
/** while nothing does: with the asking itself still below two seconds */
export const CALM_MS = 1500;
/** nobody did anything for long: what expires or is repaired by itself may be shown later */
export const DROWSY_MS = 5000;

/** how long after a command of the learner's something is likely to follow */
const STIRRED_FOR_MS = 20_000;
const DROWSY_AFTER_MS = 5 * 60_000;
/** A failed upload leaves its rule REPLICATING for ever: what moves without any change is no movement. */
const MOVING_FOR_MS = 10 * 60_000;
/** a slow lake is asked at most half of the time */
const SHARE = 1 / 2;
const TROUBLE_MS = { first: 1000, most: 15_000 } as const;

export interface Pulse {
  readonly moving: boolean;
  /** ms since the epoch */
  readonly changedAt: number;
  readonly stirredAt: number;
  /** how long the last round took */
  readonly tookMs: number;
  /** rounds that failed one after the other */
  readonly failures: number;
}

/** @returns ms between the begin of the last round and the next */
export function waitMs(pulse: Pulse, now: number): number {
  if (pulse.failures > 0) return Math.min(TROUBLE_MS.first * 2 ** (pulse.failures - 1), TROUBLE_MS.most);
  return Math.max(wanted(pulse, now), pulse.tookMs / SHARE);
}
function wanted({ moving, changedAt, stirredAt }: Pulse, now: number): number {
  if (now - stirredAt < STIRRED_FOR_MS) return QUICK_MS;
  if (moving && now - changedAt < MOVING_FOR_MS) return QUICK_MS;
  return now - Math.max(changedAt, stirredAt) < DROWSY_AFTER_MS ? CALM_MS : DROWSY_MS;
}

/** Rules and names are asked in each round; these only when they may be another, or grew old. */
export type Occasional = 'replicas' | 'usage' | 'elements' | 'transfers';
const OLD_MS: Readonly<Record<Occasional, { moving: number; resting: number }>> = {
  replicas: { moving: 5000, resting: 30_000 },
  // Rucio counts every three seconds
  usage: { moving: 3000, resting: 15_000 },
  elements: { moving: 60_000, resting: 60_000 },
  transfers: { moving: 0, resting: 5000 },
};
/** @param askedAt when it was asked last; undefined: never. @param changed rules or names are others than last time */
export function isDue(
  part: Occasional,
  askedAt: number | undefined,
  { moving, changed }: { moving: boolean; changed: boolean },
  now: number,
): boolean {
  if (askedAt === undefined || (changed && part !== 'elements')) return true;
  return now - askedAt >= OLD_MS[part][moving ? 'moving' : 'resting'];
}
