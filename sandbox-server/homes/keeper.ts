/** Saves homes now and then while people work in them, a few at a time, so that a lost pod costs minutes. */
import { setTimeout as wait } from 'node:timers/promises';
import type { Sandbox } from '../sandboxes/driver.ts';
import type { SandboxLinkTo } from '../sandboxes/kept-homes.ts';
import { createTurns } from '../sandboxes/turns.ts';
import type { Log } from '../telemetry/index.ts';
import type { Homes } from './homes.ts';

/** at once: each is a walk, a compressor and a stream */
const AT_ONCE = 2;
const DAY = 24 * 3600 * 1000;

export interface HomeKeeperOptions {
  readonly homes: Homes;
  /** e.g. `driver.list` */
  readonly list: () => Promise<readonly Sandbox[]>;
  readonly linkTo: SandboxLinkTo;
  /** a home that changes is saved so often, ms */
  readonly everyMs: number;
  readonly log: Log;
  /** e.g. to tell its learner */
  readonly onSaved?: (lab: string, at: number) => void;
}
export interface HomeKeeper {
  /** one round over all homes now; those not due are passed over */
  round(): Promise<void>;
  /** what is being saved is given up */
  close(): Promise<void>;
}

export function createHomeKeeper(options: HomeKeeperOptions): HomeKeeper {
  const over = new AbortController();
  const rounds = createRounds(options, over.signal);
  const running = goOn(options, rounds.round, over.signal);
  return {
    round: rounds.round,
    async close() {
      over.abort();
      await running;
      await rounds.settled();
    },
  };
}

/** Twice within the time, so that a home is never older than one and a half of it. */
async function goOn(
  options: HomeKeeperOptions,
  round: () => Promise<void>,
  over: AbortSignal,
): Promise<void> {
  let swept = 0;
  while (!over.aborted) {
    // jitter: the replicas of one server must not all look at once
    const pause = options.everyMs * (0.35 + Math.random() * 0.3);
    await wait(pause, undefined, { signal: over, ref: false }).catch(() => undefined);
    if (over.aborted) return;
    await round().catch((error: unknown) =>
      options.log.error({ err: error }, 'homes could not be looked at'),
    );
    if (Date.now() - swept < DAY) continue;
    swept = Date.now();
    await options.homes.sweep().catch((error: unknown) => {
      options.log.warn({ err: error }, 'the store of homes could not be swept');
    });
  }
}

function createRounds({ homes, list, linkTo, everyMs, log, onSaved }: HomeKeeperOptions, over: AbortSignal) {
  let now: Promise<void> = Promise.resolve();
  const saveOne = async (sandbox: Sandbox, lab: string): Promise<void> => {
    try {
      const saved = await homes.saveIfDue({ lab, sandbox: sandbox.id }, linkTo(sandbox), everyMs, over);
      if (saved !== null) onSaved?.(lab, saved.at);
    } catch (error) {
      // the next round tries again; a sandbox that is gone is the driver's news, not ours
      if (!over.aborted) log.warn({ lab, sandbox: sandbox.id, err: error }, 'a home could not be saved');
    }
  };
  const all = async (): Promise<void> => {
    const turns = createTurns(AT_ONCE);
    const inTurn = (sandbox: Sandbox): Promise<void> =>
      turns.run(async () => {
        if (sandbox.lab !== null && !over.aborted) await saveOne(sandbox, sandbox.lab);
      });
    await Promise.all((await list()).map(inTurn));
  };
  return {
    round: () => (now = now.then(all, all)),
    settled: () => now.catch(() => undefined),
  };
}
