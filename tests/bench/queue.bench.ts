/** The queue at full size: a thousand requests on a pool of 28. About a quarter of an hour; `cluster` has a small one. */
import { queue } from './cluster/queue.ts';
import { inTurn } from './parts.ts';
import type { Bench } from './run.ts';

const REQUESTS = 1000;
const POOL = 28;

export const bench: Bench = {
  says: `${REQUESTS} requests on a pool of ${POOL} pods, each for a few seconds: failures, order, places told`,
  rounds: 1,
  run: (rounds, say) =>
    inTurn(
      Array.from({ length: rounds }, () => queue(REQUESTS, POOL)),
      say,
    ),
};
