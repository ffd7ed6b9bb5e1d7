/** Asks the lake for one learner while somebody watches, and tells each watcher what became another. */
import type { LakeData, LakeNews, LakeTrouble } from '../contract/lake.ts';
import type { Log } from '../telemetry/index.ts';
import { isMoving, newsOf } from './news.ts';
import { waitMs } from './pace.ts';
import type { Pulse } from './pace.ts';
import type { Round } from './reading.ts';
import { LakeOut, misbehaved } from './trouble.ts';

export interface Poller extends Disposable {
  /** told at once what is known, then what changes; the first watcher starts the asking, the last to leave ends it */
  watch(listener: (news: LakeNews) => void): Disposable;
  /** the learner did something: what follows from it may be there soon */
  stir(): void;
}
export interface PollerOptions {
  /** a new memory for each time that somebody begins to watch */
  readonly begin: () => Round;
  readonly clock: () => number;
  readonly log: Log;
  /** the last watcher left */
  readonly onIdle: () => void;
}
interface Session {
  readonly round: Round;
  readonly abort: AbortController;
}
/** after a command of the learner's, ms: Rucio has written it by then */
const SOON_MS = 250;

export function createPoller(options: PollerOptions): Poller {
  const { clock, log } = options;
  const listeners = new Set<(news: LakeNews) => void>();
  let data: LakeData | null = null;
  let trouble: LakeTrouble | null = null;
  let pulse: Pulse = { moving: false, changedAt: clock(), stirredAt: 0, tookMs: 0, failures: 0 };
  let session: Session | null = null;
  let timer: NodeJS.Timeout | undefined;
  /** when the next round begins; Infinity: one is under way, or nobody watches */
  let dueAt = Infinity;

  const tell = (news: LakeNews): void => listeners.forEach((listener) => listener(news));
  const take = (now: LakeData): void => {
    const news = trouble === null ? newsOf(data, now) : ({ type: 'all', data: now } as const);
    pulse = {
      ...pulse,
      failures: 0,
      moving: isMoving(now),
      changedAt: news === null ? pulse.changedAt : clock(),
    };
    [data, trouble] = [now, null];
    if (news !== null) tell(news);
  };
  const fail = (error: unknown): void => {
    if (!(error instanceof LakeOut)) log.error({ err: error }, 'the lake could not be read');
    const now = error instanceof LakeOut ? error.trouble : misbehaved('this server made a mistake');
    if (pulse.failures === 0) log.info({ err: error, reason: now.reason }, 'the lake cannot be shown');
    pulse = { ...pulse, failures: pulse.failures + 1 };
    const news = trouble?.message !== now.message;
    trouble = now;
    if (news) tell({ type: 'trouble', trouble: now });
  };
  const round = async (mine: Session): Promise<void> => {
    const began = clock();
    dueAt = Infinity;
    try {
      const now = await mine.round(mine.abort.signal);
      if (mine.abort.signal.aborted) return;
      take(now);
    } catch (error) {
      if (mine.abort.signal.aborted) return;
      fail(error);
    }
    pulse = { ...pulse, tookMs: clock() - began };
    schedule(mine, began + waitMs(pulse, clock()));
  };
  const schedule = (mine: Session, at: number): void => {
    dueAt = at;
    clearTimeout(timer);
    timer = setTimeout(() => void round(mine), Math.max(0, at - clock())).unref();
  };
  const begin = (): void => {
    [data, trouble] = [null, null];
    pulse = { moving: false, changedAt: clock(), stirredAt: clock(), tookMs: 0, failures: 0 };
    session = { round: options.begin(), abort: new AbortController() };
    void round(session);
  };
  const end = (): void => {
    session?.abort.abort();
    clearTimeout(timer);
    [session, dueAt] = [null, Infinity];
    options.onIdle();
  };
  return {
    watch(listener) {
      listeners.add(listener);
      if (session === null) begin();
      else if (trouble !== null) listener({ type: 'trouble', trouble });
      else if (data !== null) listener({ type: 'all', data });
      return {
        [Symbol.dispose]() {
          if (listeners.delete(listener) && listeners.size === 0) end();
        },
      };
    },
    stir() {
      pulse = { ...pulse, stirredAt: clock() };
      if (session !== null && dueAt !== Infinity && dueAt - clock() > SOON_MS)
        schedule(session, clock() + SOON_MS);
    },
    [Symbol.dispose]() {
      listeners.clear();
      if (session !== null) end();
    },
  };
}
