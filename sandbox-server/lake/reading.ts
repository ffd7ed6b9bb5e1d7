/** One learner's picture of the lake, a round at a time: what may have changed is asked, the rest is remembered. */
import { isDeepStrictEqual } from 'node:util';
import type { LakeData } from '../contract/lake.ts';
import { lakeOf, shownDids } from './merge.ts';
import type { Parts } from './merge.ts';
import { isMoving } from './news.ts';
import { isDue } from './pace.ts';
import type { Occasional } from './pace.ts';
import type { Queued } from './queue/queue.ts';
import type { Rucio } from './rucio/rucio.ts';

/** The lake for one round: its address and the learner's token may be others in the next. */
export interface Sources {
  readonly rucio: Rucio;
  /** null: it does not answer */
  readonly queue: () => Promise<readonly Queued[] | null>;
}
/** Throws LakeOut. */
export type OpenSources = (signal: AbortSignal) => Promise<Sources>;
/** Throws LakeOut, or the signal's reason. */
export type Round = (signal: AbortSignal) => Promise<LakeData>;

export function createReading(account: string, open: OpenSources, clock: () => number): Round {
  const scope = `user.${account}`;
  const askedAt = new Map<Occasional, number>();
  let known: Parts | null = null;

  return async (signal) => {
    const { rucio, queue } = await open(signal);
    const before = known;
    const [rules, dids] = await Promise.all([rucio.rules(account), rucio.dids(scope)]);
    const changed = before === null || !isDeepStrictEqual([rules, dids], [before.rules, before.dids]);
    const moving = before !== null && isMoving(lakeOf({ ...before, rules, dids }));
    const fresh = async <T>(part: Occasional, old: T | undefined, ask: () => Promise<T>): Promise<T> => {
      const now = clock();
      if (old !== undefined && !isDue(part, askedAt.get(part), { moving, changed }, now)) return old;
      const answer = await ask();
      askedAt.set(part, now);
      return answer;
    };
    const [replicas, usage, elements, transfers] = await Promise.all([
      fresh('replicas', before?.replicas, () => rucio.replicas(shownDids(dids.items))),
      fresh('usage', before?.usage, () => rucio.usage(account)),
      fresh('elements', before?.elements, () => rucio.elements()),
      fresh('transfers', before?.transfers, queue),
    ]);
    known = { account, scope, rules, dids, replicas, usage, elements, transfers };
    return lakeOf(known);
  };
}
