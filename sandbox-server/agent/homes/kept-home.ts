/**
 * The home as a whole: what state it is in, out as a snapshot, in again by a restore. A restore that began and did not
 * end leaves a mark beside the home; while it stands nobody gets the home and nothing saves it.
 */
import { chmod, mkdir, open, readdir, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Readable } from 'node:stream';
import type { HomeBounds, HomeState, RestoredHome, SnapshotSummary } from '../../contract/agent.ts';
import { OURS } from '../files/write.ts';
import { Refusal, errnoOf } from '../refusal.ts';
import type { Terminals } from '../terminals/terminals.ts';
import { choose } from './choose.ts';
import { fingerprintOf } from './fingerprint.ts';
import { createLeftOut, shortened } from './left-out.ts';
import { findLogs } from './logs.ts';
import { packed } from './pack.ts';
import type { Packed } from './pack.ts';
import { unpack } from './unpack.ts';
import { walk } from './walk.ts';

/** names that a look at the home goes through; past it a change is noticed by what comes before */
const MOST_LOOKED_AT = 500_000;
const NAMED = 5;

export interface KeptHomeOptions {
  readonly home: string;
  readonly logs: string;
  readonly terminals: Pick<Terminals, 'list' | 'get'>;
  readonly claimed: () => boolean;
}
export interface OutgoingHome {
  readonly tar: AsyncGenerator<Buffer>;
  /** once `tar` has ended */
  summary(): SnapshotSummary;
}
export interface KeptHome {
  state(): Promise<HomeState>;
  /** whether it differs from the last snapshot that was had to its end, or from what was restored */
  changed(): Promise<boolean>;
  /** Refusal `conflict` while the home is torn: it must not be given to anybody */
  mustBeWhole(): Promise<void>;
  /** @throws Refusal `conflict` where the home is not whole, `busy` where another snapshot is under way */
  snapshot(bounds: HomeBounds): Promise<OutgoingHome>;
  restore(body: Readable, bounds: HomeBounds): Promise<RestoredHome>;
}

export function createKeptHome({ home, logs, terminals, claimed }: KeptHomeOptions): KeptHome {
  const mark = join(logs, '.restore-under-way');
  let busy: 'snapshot' | 'restore' | null = null;
  /** fingerprint of what the server has */
  let saved: string | null = null;

  const stateNow = async (): Promise<HomeState['state']> => {
    if (busy === 'restore') return 'filling';
    if (await exists(mark)) return 'torn';
    return (await isEmpty(home)) ? 'fresh' : 'whole';
  };
  const mustBeWhole = async (): Promise<void> => {
    const state = await stateNow();
    if (state === 'filling' || state === 'torn')
      throw new Refusal('conflict', 'The files of this home are not all there yet. They are brought again.');
  };
  const take = (what: 'snapshot' | 'restore'): Disposable => {
    if (busy !== null) throw new Refusal('busy', `The home is in use: a ${busy} is under way.`);
    busy = what;
    return { [Symbol.dispose]: () => void (busy = null) };
  };
  const mayRestore = async (): Promise<void> => {
    // a learner's files are never overwritten: only what nobody has yet, or what a restore left half-way
    const free = !claimed() || (terminals.list().length === 0 && (await stateNow()) !== 'whole');
    if (!free) throw new Refusal('conflict', 'This sandbox is in use already: nothing is restored into it.');
  };

  return {
    async state() {
      const state = await stateNow();
      const open = state === 'whole' || state === 'fresh';
      return { state, fingerprint: open ? await look(home, logs) : null };
    },
    changed: async () => saved === null || (await look(home, logs)) !== saved,
    mustBeWhole,
    async snapshot(bounds) {
      await mustBeWhole();
      const using_ = take('snapshot');
      try {
        return await outgoing(bounds, using_);
      } catch (error) {
        using_[Symbol.dispose]();
        throw error;
      }
    },
    async restore(body, bounds) {
      await mayRestore();
      using _ = take('restore');
      await setMark(mark);
      await empty(home, logs, mark);
      const done = await unpack(body, { home, logs }, bounds);
      const fingerprint = await look(home, logs);
      await rm(mark);
      await syncFolder(logs);
      saved = fingerprint;
      return { ...done, fingerprint };
    },
  };

  async function outgoing(bounds: HomeBounds, using_: Disposable): Promise<OutgoingHome> {
    for (const { name } of terminals.list()) await terminals.get(name)?.log.flush();
    const leftOut = createLeftOut();
    const found = await walk(home, Math.max(bounds.entries * 2, MOST_LOOKED_AT), leftOut);
    const logFiles = await findLogs(logs);
    const fingerprint = fingerprintOf(found, logFiles);
    const chosen = choose(found, bounds, leftOut);
    const files = { folder: logs, files: logFiles };
    const done: Packed = { files: 0, bytes: 0, unsteady: [] };
    const tar = packed({ home, found: chosen, logs: files, most: bounds.bytes, leftOut }, done);
    return {
      tar: untilDone(tar, using_, () => (saved = fingerprint)),
      summary: () => ({
        files: done.files,
        bytes: done.bytes,
        fingerprint,
        leftOut: leftOut.summary(),
        unsteady: { count: done.unsteady.length, some: done.unsteady.slice(0, NAMED).map(shortened) },
      }),
    };
  }
}

async function* untilDone(
  tar: AsyncGenerator<Buffer>,
  using_: Disposable,
  whole: () => void,
): AsyncGenerator<Buffer> {
  using _ = using_;
  yield* tar;
  whole();
}

async function look(home: string, logs: string): Promise<string> {
  return fingerprintOf(await walk(home, MOST_LOOKED_AT, createLeftOut()), await findLogs(logs));
}

/** On the disk before anything of the home is touched. */
async function setMark(mark: string): Promise<void> {
  await mkdir(dirname(mark), { recursive: true, mode: 0o700 });
  {
    await using file = await open(mark, 'w', 0o600);
    await file.sync();
  }
  await syncFolder(dirname(mark));
}

async function syncFolder(folder: string): Promise<void> {
  await using handle = await open(folder, 'r');
  await handle.sync();
}

/** What an earlier try left goes, also what it had made unwritable. */
async function empty(home: string, logs: string, mark: string): Promise<void> {
  await emptyFolder(home);
  for (const name of await readdir(logs))
    if (join(logs, name) !== mark) await rm(join(logs, name), { recursive: true, force: true });
}

async function emptyFolder(folder: string): Promise<void> {
  for (const entry of await readdir(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) {
      await chmod(path, 0o700);
      await emptyFolder(path);
    }
    await rm(path, { recursive: true, force: true });
  }
}

async function isEmpty(home: string): Promise<boolean> {
  return (await readdir(home)).every((name) => name.startsWith(OURS));
}

async function exists(path: string): Promise<boolean> {
  try {
    await using _ = await open(path, 'r');
    return true;
  } catch (error) {
    if (['ENOENT', 'ENOTDIR'].includes(errnoOf(error))) return false;
    throw error;
  }
}
