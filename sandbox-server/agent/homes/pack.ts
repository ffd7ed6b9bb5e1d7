/**
 * A home as a tar stream. The learner works on meanwhile: a file that changes while it is read is read again, and named
 * where it does not come to rest. Links are never followed, pipes and devices never opened (T32, T33).
 */
import { constants } from 'node:fs';
import { open, readlink } from 'node:fs/promises';
import type { FileHandle } from 'node:fs/promises';
import { join } from 'node:path';
import { pack as tarPack } from 'tar-stream';
import type { Header, Pack } from 'tar-stream';
import { errnoOf } from '../refusal.ts';
import type { LeftOut } from './left-out.ts';
import type { LogFile } from './logs.ts';
import { reasonOf, versionOf } from './walk.ts';
import type { Found } from './walk.ts';

type Head = Partial<Header> & Pick<Header, 'name'>;
type Sink = ReturnType<Pack['entry']>;

const { O_RDONLY, O_NOFOLLOW, O_NONBLOCK } = constants;
const CHUNK = 256 * 1024;
/** up to so many bytes a file is read whole, and again where it changed meanwhile */
const SMALL = 1024 * 1024;
const TRIES = 3;
const UNREAD = 'nobody reads this snapshot any more';

export interface Packed {
  files: number;
  bytes: number;
  /** paths of files that changed under our eyes each time */
  unsteady: string[];
}
export interface Packing {
  readonly home: string;
  readonly found: readonly Found[];
  readonly logs: { readonly folder: string; readonly files: readonly LogFile[] };
  /** bytes of files, before compression */
  readonly most: number;
  readonly leftOut: LeftOut;
}

/** The tar as it grows; whoever stops reading ends it. `packed` is filled meanwhile. */
export async function* packed(packing: Packing, done: Packed): AsyncGenerator<Buffer> {
  const pack = tarPack();
  const filling = fill(pack, packing, done).then(
    () => pack.finalize(),
    (error: unknown) => void pack.destroy(error instanceof Error ? error : new Error(String(error))),
  );
  try {
    yield* pack as AsyncIterable<Buffer>;
  } finally {
    pack.destroy(null);
    await filling;
  }
}

async function fill(pack: Pack, packing: Packing, done: Packed): Promise<void> {
  const { home, found, leftOut } = packing;
  const first = new Map<string, string>();
  const again: Found[] = [];
  const later: Head[] = [];
  for (const one of found.filter(({ kind }) => kind === 'folder'))
    await add(pack, { name: `home/${one.path}`, type: 'directory', mode: one.mode, mtime: dateOf(one) });
  for (const one of found.filter(({ kind }) => kind === 'file')) {
    const same = one.names > 1 ? first.get(one.id) : undefined;
    if (same !== undefined) later.push({ name: `home/${one.path}`, type: 'link', linkname: `home/${same}` });
    else if (await addFile(pack, packing, done, one, again)) first.set(one.id, one.path);
  }
  for (const one of again) await addFile(pack, packing, done, one, null);
  for (const head of later) await add(pack, head);
  for (const one of found.filter(({ kind }) => kind === 'link')) {
    const target = await readlink(join(home, one.path)).catch((error: unknown) => gone(error, one, leftOut));
    if (target !== null) await add(pack, { name: `home/${one.path}`, type: 'symlink', linkname: target });
  }
  for (const log of packing.logs.files) await addLog(pack, packing.logs.folder, log);
  await add(pack, { name: 'end', type: 'file' }, Buffer.from(JSON.stringify({ files: done.files })));
}

/** @param again where a large file that changed goes, to be added a second time; null: this is that time */
async function addFile(
  pack: Pack,
  { home, most, leftOut }: Packing,
  done: Packed,
  one: Found,
  again: Found[] | null,
): Promise<boolean> {
  const opened = await open(join(home, one.path), O_RDONLY | O_NOFOLLOW | O_NONBLOCK).catch(
    (error: unknown) => gone(error, one, leftOut),
  );
  if (opened === null) return false;
  await using file = opened;
  const stats = await file.stat();
  // the name was swapped since the walk: what it is now will be in the next snapshot
  if (!stats.isFile()) return false;
  if (done.bytes + stats.size > most) {
    if (again !== null) leftOut.add(one.path, 'it grew and did not fit');
    else done.unsteady.push(one.path);
    return false;
  }
  const head = { name: `home/${one.path}`, type: 'file', mode: one.mode, mtime: dateOf(one) } as const;
  const small = stats.size <= SMALL ? await readSteady(file) : null;
  const steady = small === null ? await addLarge(pack, head, file, stats.size) : small.steady;
  if (small !== null) await add(pack, head, small.content);
  done.bytes += small?.content.length ?? stats.size;
  if (again !== null) done.files += 1;
  if (!steady && small === null && again !== null) again.push(one);
  else if (!steady) done.unsteady.push(one.path);
  return true;
}

/** The whole file at one moment, or after some tries what could be had. null: it has become large. */
async function readSteady(file: FileHandle): Promise<{ content: Buffer; steady: boolean } | null> {
  for (let tries = 1; ; tries += 1) {
    const before = await file.stat({ bigint: true });
    if (before.size > BigInt(SMALL)) return null;
    const content = await readPart(file, Number(before.size), 0);
    const steady = versionOf(before) === versionOf(await file.stat({ bigint: true }));
    if (steady || tries === TRIES) return { content, steady };
  }
}

async function readPart(file: FileHandle, length: number, at: number): Promise<Buffer> {
  const buffer = Buffer.allocUnsafe(length);
  let done = 0;
  while (done < length) {
    const { bytesRead } = await file.read(buffer, done, length - done, at + done);
    if (bytesRead === 0) break;
    done += bytesRead;
  }
  return buffer.subarray(0, done);
}

/** Exactly as many bytes as announced: what a shrinking file lacks is zeros, and it counts as changed. */
async function addLarge(pack: Pack, head: Head, file: FileHandle, size: number): Promise<boolean> {
  const before = versionOf(await file.stat({ bigint: true }));
  await write(pack, { ...head, size }, async (entry) => {
    for (let at = 0; at < size; at += CHUNK) {
      const length = Math.min(CHUNK, size - at);
      const part = await readPart(file, length, at);
      await push(entry, part.length === length ? part : Buffer.concat([part], length));
    }
  });
  return before === versionOf(await file.stat({ bigint: true }));
}

/** Logs only grow: as much as there was when we looked is whole. */
async function addLog(pack: Pack, folder: string, { path }: LogFile): Promise<void> {
  const opened = await open(join(folder, path), O_RDONLY | O_NOFOLLOW | O_NONBLOCK).catch(
    (error: unknown) => {
      if (['ENOENT', 'ELOOP', 'ENXIO'].includes(errnoOf(error))) return null; // dropped past its bound meanwhile
      throw error;
    },
  );
  if (opened === null) return;
  await using file = opened;
  const stats = await file.stat();
  if (stats.isFile())
    await addLarge(pack, { name: `logs/${path}`, type: 'file', mode: 0o600 }, file, stats.size);
}

function gone(error: unknown, one: Found, leftOut: LeftOut): null {
  if (!['ENOENT', 'ENOTDIR', 'EINVAL', 'ENXIO'].includes(errnoOf(error)))
    leftOut.add(one.path, reasonOf(error));
  return null;
}

const dateOf = ({ mtime }: Found): Date => new Date(Math.min(Math.max(mtime, 0), 0x7fff_ffff) * 1000);

function add(pack: Pack, head: Head, content: Buffer = Buffer.alloc(0)): Promise<void> {
  return write(pack, { ...head, size: content.length }, async (entry) => {
    for (let at = 0; at < content.length; at += CHUNK) await push(entry, content.subarray(at, at + CHUNK));
  });
}

/** One entry from its head to its last byte; rejects where nobody reads the tar any more. */
async function write(pack: Pack, head: Head, fillIn: (entry: Sink) => Promise<void>): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const entry = pack.entry(head, (error) => (error ? reject(error) : resolve()));
  promise.catch(() => undefined); // awaited below, unless filling in fails first
  entry.on('error', reject);
  entry.on('close', () => reject(new Error(UNREAD))); // nothing to reject where it was whole
  if (head.type === 'file') {
    await fillIn(entry);
    entry.end(null);
  }
  await promise;
}

/** Waits while nobody reads. */
async function push(entry: Sink, chunk: Buffer): Promise<void> {
  // it may have been closed while a file was read: no event comes any more, and a wait for one was for ever
  if (entry.destroying) throw new Error(UNREAD);
  if (entry.write(chunk)) return;
  await new Promise<void>((resolve, reject) => {
    const closed = (): void => reject(new Error(UNREAD));
    entry.once('drain', () => {
      entry.off('close', closed);
      resolve();
    });
    entry.once('close', closed);
  });
}
