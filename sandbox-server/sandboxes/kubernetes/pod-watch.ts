/**
 * The one watch: a list, then what changes after it, for ever. A library's informer stops after a reset and never notices
 * a connection that went silent, so the loop is ours: the server is asked to end each watch within 45 s, one that has not
 * ended soon after has stalled (F9), and now and then everything is listed anew whatever the watch says.
 */
import { setTimeout as delay } from 'node:timers/promises';
import { z } from 'zod';
import type { Api } from './api/api.ts';
import { errorFrom, hasStatus } from './api/api-error.ts';
import { readPod } from './objects/pod.ts';
import type { PodView } from './objects/pod.ts';
import type { Pods } from './pods.ts';

export interface WatchTimes {
  /** the server ends a watch after so long, seconds */
  readonly watch: number;
  /** past that it has stalled, ms */
  readonly grace: number;
  /** everything is listed anew, ms */
  readonly relist: number;
  /** pauses after a failure, ms */
  readonly firstPause: number;
  readonly longestPause: number;
}
/** a stall is seen after 55 s at most */
const TIMES: WatchTimes = {
  watch: 45,
  grace: 10_000,
  relist: 600_000,
  firstPause: 250,
  longestPause: 10_000,
};
const PAGE = 500;

export interface PodWatchOptions {
  readonly api: Api;
  readonly path: string;
  readonly selector: string;
  readonly pods: Pods;
  readonly times?: WatchTimes | undefined;
  /** `away`: nothing is known of changes since */
  readonly onLine: (state: 'live' | 'away', why: unknown) => void;
}
export interface PodWatch {
  /** everything was listed once. Throws ApiError where it cannot be; to be called again then, or left to `follow`. */
  list(): Promise<void>;
  /** from now on, until closed */
  follow(): void;
  close(): Promise<void>;
}

const PodList = z.object({
  metadata: z.object({ resourceVersion: z.string(), continue: z.string().optional() }),
  items: z.array(z.unknown()),
});
const Event = z.object({
  type: z.enum(['ADDED', 'MODIFIED', 'DELETED', 'BOOKMARK', 'ERROR']),
  object: z.unknown(),
});
const Bookmark = z.object({ metadata: z.object({ resourceVersion: z.string() }) });

export function createPodWatch({
  api,
  path,
  selector,
  pods,
  onLine,
  times = TIMES,
}: PodWatchOptions): PodWatch {
  const over = new AbortController();
  /** where the next watch goes on; null: everything is to be listed first */
  let revision: string | null = null;
  let listedAt = 0;
  let live = false;
  let running: Promise<void> = Promise.resolve();

  const line = (state: 'live' | 'away', why: unknown = null): void => {
    if (live === (state === 'live')) return;
    live = state === 'live';
    onLine(state, why);
  };

  const list = async (): Promise<void> => {
    const found: PodView[] = [];
    let next: string | undefined;
    let at = '';
    do {
      const query = { labelSelector: selector, limit: PAGE, continue: next };
      const page = PodList.parse(await api.call({ method: 'GET', path, query, signal: over.signal }));
      found.push(...page.items.map(readPod));
      at = page.metadata.resourceVersion;
      next = page.metadata.continue === '' ? undefined : page.metadata.continue;
    } while (next !== undefined);
    const there = new Set(found.map(({ uid }) => uid));
    for (const view of found) pods.see(view);
    // one that was seen after the list was made is not gone
    for (const { uid, revision: seen } of pods.all())
      if (!there.has(uid) && seen <= BigInt(at)) pods.forget(uid);
    revision = at;
    listedAt = Date.now();
    line('live');
  };

  const take = (said: unknown): void => {
    const { type, object } = Event.parse(said);
    if (type === 'ERROR') throw errorFrom(500, object, undefined);
    if (type === 'BOOKMARK') {
      revision = Bookmark.parse(object).metadata.resourceVersion;
      return;
    }
    const view = readPod(object);
    revision = String(view.revision);
    if (type === 'DELETED') pods.forget(view.uid);
    else pods.see(view);
  };

  /** One connection, until the server ends it as it was asked to. Throws what cut it short. */
  const watchOnce = async (from: string): Promise<void> => {
    const query = {
      watch: true,
      resourceVersion: from,
      allowWatchBookmarks: true,
      timeoutSeconds: times.watch,
      labelSelector: selector,
    };
    const stalled = new AbortController();
    const timer = setTimeout(
      () => stalled.abort(new Error('the watch went silent')),
      times.watch * 1000 + times.grace,
    );
    const signal = AbortSignal.any([stalled.signal, over.signal]);
    try {
      for await (const said of api.stream({
        method: 'GET',
        path,
        query,
        signal,
        connectTimeout: times.grace,
      })) {
        line('live');
        take(said);
      }
    } finally {
      clearTimeout(timer);
    }
    // Node ends the iteration without a word where the signal destroyed the stream
    signal.throwIfAborted();
  };

  const follow = async (): Promise<void> => {
    let pause = times.firstPause;
    while (!over.signal.aborted) {
      try {
        if (revision === null || Date.now() - listedAt > times.relist) await list();
        await watchOnce(revision ?? '');
        pause = times.firstPause;
      } catch (error) {
        if (over.signal.aborted) return;
        // 410: what we asked to go on from is forgotten; silence: what we know may be wrong. Both begin anew (F9, F10)
        revision = null;
        if (!hasStatus(error, 410)) line('away', error);
        await delay(pause * (0.5 + Math.random()), undefined, { signal: over.signal }).catch(() => undefined);
        pause = Math.min(times.longestPause, pause * 2);
      }
    }
  };

  return {
    list,
    follow: () => void (running = follow()),
    async close() {
      over.abort(new Error('the driver is closing'));
      await running;
    },
  };
}
