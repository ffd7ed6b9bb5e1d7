/**
 * Homes that outlive their sandboxes: a snapshot made by the agent, streamed through the server into an object store,
 * fenced by a generation in the database. `docs/decisions/010-homes-as-snapshots.md` says why.
 */
import type { HomeBounds } from '../contract/agent.ts';
import { Problem } from '../contract/errors.ts';
import type { HomeIn, KeptHomes, SandboxLink, SavedHome } from '../sandboxes/kept-homes.ts';
import type { Store } from '../store/index.ts';
import type { Log } from '../telemetry/index.ts';
import type { HomesContext } from './context.ts';
import type { ObjectStore } from './objects/object-store.ts';
import { isStoreAway, whileStoreIsAway } from './outcome.ts';
import { createRecords } from './records.ts';
import type { Held } from './records.ts';
import { removeHome, sweepStore } from './retention.ts';
import { restoreHome } from './restore.ts';
import { saveOnce } from './save.ts';

const MINUTE = 60_000;
const DAY = 24 * 60 * MINUTE;
/** longest time one periodic save may keep others from trying, where its server died meanwhile */
const LEASE = 15 * MINUTE;

export interface HomesOptions {
  readonly objects: ObjectStore;
  readonly store: Store;
  readonly log: Log;
  /** what a snapshot may hold; default 2 GiB in 200,000 names */
  readonly bounds?: HomeBounds;
  /** copies kept of each home; default 3 */
  readonly keep?: number;
  /** how long an end waits for a store that is away, ms; default 2 minutes */
  readonly patienceMs?: number;
  readonly stallMs?: number;
  readonly graceMs?: number;
  readonly clock?: () => number;
}
export interface Homes extends KeptHomes {
  /**
   * For whoever saves now and then: only where something changed, the last save is so long ago, and no other server is
   * at it. @returns null where there was nothing to do
   */
  saveIfDue(
    home: HomeIn,
    link: SandboxLink,
    everyMs: number,
    signal?: AbortSignal,
  ): Promise<SavedHome | null>;
  /** removes what nobody knows any more; once a day is enough */
  sweep(): Promise<void>;
}

export function createHomes(options: HomesOptions): Homes {
  const context = contextOf(options);
  const { records, log, clock } = context;

  const latest = async (lab: string) => (await records.snapshots(lab)).find(({ broken }) => broken === null);
  const changedSince = async (held: Held, link: SandboxLink): Promise<boolean> => {
    const { state, fingerprint } = await link.home();
    if (state !== 'whole' && state !== 'fresh') throw new Problem('conflict', 'This home is not whole.');
    return fingerprint !== held.fingerprint;
  };
  const save = async (
    home: HomeIn,
    held: Held,
    link: SandboxLink,
    signal?: AbortSignal,
  ): Promise<SavedHome | null> => {
    if (!(await changedSince(held, link))) {
      const before = await latest(home.lab);
      return before ? { at: before.saved_at, bytes: before.size, anew: false } : null;
    }
    const saved = await saveOnce(context, home, held, link, signal);
    return saved && { at: saved.at, bytes: saved.size, anew: true };
  };
  /** whether the home may be saved from there at all: half a home must never become the newest */
  const holder = async (home: HomeIn): Promise<Held | null> => {
    const held = await records.held(home);
    if (held?.filled === true) return held;
    log.warn({ ...home, held }, 'a home is not saved: it is not this sandbox’s, or was never whole there');
    return null;
  };

  return {
    async restoreInto(home, link, onRestore = () => undefined, signal) {
      const held = await records.begin(home);
      if (held.filled) return { savedAt: (await latest(home.lab))?.saved_at ?? null, bytes: 0, note: null };
      const started = clock();
      const restored = await restoreHome(context, home, held, link, onRestore, signal);
      const { savedAt, bytes, note } = restored;
      log.info(
        { ...home, generation: held.generation, savedAt, bytes, note, ms: clock() - started },
        savedAt === null ? 'a home begins' : 'a home was restored',
      );
      return restored;
    },
    async saveFrom(home, link, signal) {
      const held = await holder(home);
      if (held === null) return null;
      try {
        // a pod that is gone answers nobody: told within seconds, not with the first long request
        await link.status();
        return await whileStoreIsAway(() => save(home, held, link, signal), context.patienceMs, signal);
      } catch (error) {
        if (isStoreAway(error)) throw notYet(error);
        if (!(error instanceof Problem)) throw error;
        // the sandbox itself cannot give it any more: waiting would not help
        log.warn({ ...home, err: error }, 'a home could not be saved before its sandbox ended');
        return null;
      }
    },
    async saveIfDue(home, link, everyMs, signal) {
      const now = clock();
      const last = await latest(home.lab);
      if (last !== undefined && now - last.saved_at < everyMs) return null;
      const held = await records.held(home);
      if (held?.filled !== true || !(await records.lease(home, now, now + LEASE))) return null;
      try {
        const saved = await save(home, held, link, signal);
        return saved?.anew === true ? saved : null;
      } finally {
        await records.unlease(home.lab);
      }
    },
    savedAt: async (lab) => (await latest(lab))?.saved_at ?? null,
    async discard(lab) {
      const removed = await removeHome(context, lab);
      log.info({ lab, ...removed }, 'what was kept of a home was removed');
    },
    sweep: () => sweepStore(context),
  };
}

function contextOf(options: HomesOptions): HomesContext {
  const { objects, store, log } = options;
  return {
    objects,
    log,
    records: createRecords(store),
    clock: options.clock ?? Date.now,
    bounds: options.bounds ?? { bytes: 2 * 1024 ** 3, entries: 200_000 },
    keep: options.keep ?? 3,
    patienceMs: options.patienceMs ?? 2 * MINUTE,
    stallMs: options.stallMs ?? MINUTE,
    graceMs: options.graceMs ?? 14 * DAY,
  };
}

function notYet(cause: Problem): Problem {
  return new Problem(
    'unavailable',
    'Your files could not be saved just now, so nothing was ended. It is tried again every minute; Start goes on working meanwhile.',
    { cause },
  );
}
