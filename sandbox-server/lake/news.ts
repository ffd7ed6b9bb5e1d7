/** What of a picture is another than before, so that a change of one rule does not send five hundred files. Pure. */
import { isDeepStrictEqual } from 'node:util';
import type { LakeData, LakeNews } from '../contract/lake.ts';

/** @returns null: nothing to tell */
export function newsOf(before: LakeData | null, now: LakeData): LakeNews | null {
  if (before === null) return { type: 'all', data: now };
  const changed = (Object.keys(now) as (keyof LakeData)[]).filter(
    (part) => !isDeepStrictEqual(before[part], now[part]),
  );
  if (changed.length === 0) return null;
  return { type: 'changed', parts: Object.fromEntries(changed.map((part) => [part, now[part]])) };
}

/** Something is under way in the lake by itself. */
export function isMoving({ rules, dids, transfers }: LakeData): boolean {
  return (
    rules.some(({ state }) => state === 'replicating' || state === 'inject') ||
    dids.some(({ copies }) => copies.some(({ state }) => state === 'copying' || state === 'leaving')) ||
    (transfers ?? []).some(({ state }) => state !== 'failed')
  );
}
