/** A home into a sandbox: the newest copy that is whole; where it is damaged, the one before, and that is said. */
import { pipeline, Readable } from 'node:stream';
import { zstdCompressSync } from 'node:zlib';
import { pack } from 'tar-stream';
import type { HomeBounds, RestoredHome } from '../contract/agent.ts';
import { Problem } from '../contract/errors.ts';
import type { HomeIn, OnRestore, RestoredFrom, SandboxLink } from '../sandboxes/kept-homes.ts';
import type { HomeSnapshotRow } from '../store/index.ts';
import type { HomesContext } from './context.ts';
import { Damaged, onceStalled, verified } from './meter.ts';
import { isCode, whileStoreIsAway } from './outcome.ts';
import type { Held } from './records.ts';

export async function restoreHome(
  context: HomesContext,
  home: HomeIn,
  held: Held,
  link: SandboxLink,
  onRestore: OnRestore,
  signal?: AbortSignal,
): Promise<RestoredFrom> {
  const snapshots = await context.records.snapshots(home.lab);
  const [newest] = snapshots;
  for (const snapshot of snapshots.filter(({ broken }) => broken === null)) {
    const restored = await tryOne(context, snapshot, link, onRestore, signal);
    if (restored === null) continue;
    await filled(context, home, held, restored.fingerprint);
    return { savedAt: snapshot.saved_at, bytes: snapshot.size, note: noteOf(newest, snapshot) };
  }
  // a sandbox in which a restore was given up half-way takes nobody: it is told that there is nothing
  const empty = newest && (await link.restore(await emptySnapshot(), context.bounds, signal));
  await filled(context, home, held, empty?.fingerprint ?? null);
  return { savedAt: null, bytes: 0, note: noteOf(newest, null) };
}

async function filled(
  context: HomesContext,
  home: HomeIn,
  held: Held,
  fingerprint: string | null,
): Promise<void> {
  if (await context.records.fill(home, held.generation, fingerprint)) return;
  throw new Problem('conflict', 'This lab was started elsewhere meanwhile. Start it again here.');
}

/** @returns null where this copy cannot be used; throws where it could not be tried */
async function tryOne(
  context: HomesContext,
  snapshot: HomeSnapshotRow,
  link: SandboxLink,
  onRestore: OnRestore,
  signal?: AbortSignal,
): Promise<RestoredHome | null> {
  const { lab, key } = snapshot;
  try {
    return await whileStoreIsAway(
      () => stream(context, snapshot, link, onRestore, signal),
      context.patienceMs,
      signal,
    );
  } catch (error) {
    if (error instanceof Damaged || isCode(error, 'not-found')) {
      context.log.error({ lab, key, err: error }, 'a saved home is damaged');
      await context.records.broken(key, error.message);
      return null;
    }
    // the bytes are those that were saved, and the sandbox will not have them: perhaps another version of it will
    if (!isCode(error, 'bad-request', 'too-large')) throw error;
    context.log.error({ lab, key, err: error }, 'a saved home was refused by the sandbox');
    return null;
  }
}

async function stream(
  { objects, bounds, stallMs }: HomesContext,
  { key, sha256, size, bytes }: HomeSnapshotRow,
  link: SandboxLink,
  onRestore: OnRestore,
  signal?: AbortSignal,
): Promise<RestoredHome> {
  const object = await objects.get(key, signal);
  let passed = 0;
  const checked = verified({ sha256, size }, (done) => onRestore((passed = done), size));
  pipeline(object.body, checked, () => undefined); // its failure is the stream's, which the request reads
  using _ = onceStalled(
    () => passed,
    stallMs,
    () => {
      checked.destroy(new Problem('unavailable', `${objects.name} stood still while a home was read.`));
    },
  );
  try {
    // bounds may have been lowered since: what was kept once comes back
    return await link.restore(checked, larger(bounds, bytes), signal);
  } catch (error) {
    throw object.body.errored instanceof Error ? storeBroke(objects.name, object.body.errored) : error;
  } finally {
    object.body.destroy();
  }
}

function storeBroke(name: string, cause: Error): Problem {
  if (cause instanceof Problem) return cause;
  return new Problem('unavailable', `${name} broke off while a home was read.`, { cause });
}

function larger(bounds: HomeBounds, bytes: number): HomeBounds {
  return { bytes: Math.max(bounds.bytes, bytes), entries: bounds.entries };
}

function noteOf(newest: HomeSnapshotRow | undefined, used: HomeSnapshotRow | null): string | null {
  if (newest === undefined || newest === used) return null;
  const when = clockTime(newest.saved_at);
  return used === null
    ? `Your files as saved at ${when} could not be read back, nor any copy before. The home starts empty; ask whoever runs this, the copies are kept.`
    : `Your files as saved at ${when} could not be read back, so these are the ones of ${clockTime(used.saved_at)}.`;
}

/** The server does not know the learner's clock: UTC, and says so. */
function clockTime(ms: number): string {
  return `${new Date(ms).toISOString().slice(0, 16).replace('T', ' ')} UTC`;
}

async function emptySnapshot(): Promise<Readable> {
  const tar = pack();
  tar.entry({ name: 'end' }, JSON.stringify({ files: 0 }));
  tar.finalize();
  const chunks: Uint8Array[] = [];
  for await (const chunk of tar as AsyncIterable<Uint8Array>) chunks.push(chunk);
  return Readable.from([zstdCompressSync(Buffer.concat(chunks))]);
}
