/** Keeps n warm sandboxes of each kit, in the background and never in front of a learner who waits. */

import { setTimeout as delay } from 'node:timers/promises';
import { createTurns } from '../turns.ts';

/** A burst of claims is served first; refilling takes at most two starts at a time. */
const REFILLS_AT_ONCE = 2;
const FIRST_RETRY_MS = 1_000;
const LAST_RETRY_MS = 60_000;
/** how soon to look again while learners wait for their own starts */
const BUSY_MS = 100;

export interface RefillOptions {
  readonly warm: (kit: string) => number;
  readonly busy: () => boolean;
  readonly prepare: (kit: string, signal: AbortSignal) => Promise<void>;
  readonly start: (kit: string) => Promise<void>;
  /** end one warm sandbox too many */
  readonly drop: (kit: string) => void;
  readonly onTrouble: (what: string, error: unknown) => void;
}
export interface Refill {
  readonly want: (kit: string, n: number) => void;
  /** something changed: start or drop what is to be */
  readonly look: () => void;
  readonly close: () => Promise<void>;
}

export function createRefill(options: RefillOptions): Refill {
  const wanted = new Map<string, number>();
  const underWay = new Map<string, number>();
  const failures = new Map<string, number>();
  const resting = new Map<string, NodeJS.Timeout>();
  const running = new Set<Promise<void>>();
  const turns = createTurns(REFILLS_AT_ONCE);
  const stop = new AbortController();

  const count = (kit: string) => underWay.get(kit) ?? 0;

  const startOne = async (kit: string) => {
    await options.prepare(kit, stop.signal);
    await turns.run(async () => {
      while (options.busy() && !stop.signal.aborted) await delay(BUSY_MS);
      if (!stop.signal.aborted) await options.start(kit);
    });
  };
  const rest = (kit: string) => {
    const failed = failures.get(kit) ?? 0;
    failures.set(kit, failed + 1);
    const wake = () => {
      resting.delete(kit);
      look();
    };
    resting.set(kit, setTimeout(wake, Math.min(FIRST_RETRY_MS * 2 ** failed, LAST_RETRY_MS)).unref());
  };
  const attempt = async (kit: string) => {
    underWay.set(kit, count(kit) + 1);
    try {
      await startOne(kit);
      failures.delete(kit);
    } catch (error) {
      if (stop.signal.aborted) return;
      options.onTrouble(`keeping a ${kit} sandbox warm`, error);
      if (!resting.has(kit)) rest(kit);
    } finally {
      underWay.set(kit, count(kit) - 1);
    }
    look();
  };

  function look(): void {
    if (stop.signal.aborted) return;
    for (const [kit, n] of wanted) {
      for (let spare = options.warm(kit) - n; spare > 0; spare -= 1) options.drop(kit);
      while (!resting.has(kit) && options.warm(kit) + count(kit) < n) {
        const work = attempt(kit).finally(() => running.delete(work));
        running.add(work);
      }
    }
  }

  return {
    want(kit, n) {
      wanted.set(kit, n);
      look();
    },
    look,
    async close() {
      stop.abort();
      for (const timer of resting.values()) clearTimeout(timer);
      await Promise.allSettled(running);
    },
  };
}
