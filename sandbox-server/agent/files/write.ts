/**
 * Saving a file: temporary file in the same folder, fsync, then one rename under a lock with the version looked at,
 * fsync of the folder. At every instant the name holds the old content or the new one (F16, F17); of two saves on the
 * same version one is refused (T34, T35).
 */
import { randomBytes } from 'node:crypto';
import { constants } from 'node:fs';
import { link, lstat, open, rename, rm, stat } from 'node:fs/promises';
import type { FileHandle } from 'node:fs/promises';
import type { Readable } from 'node:stream';
import { Refusal, errnoOf } from '../refusal.ts';
import { etagOf } from './etag.ts';
import type { Folder, Home } from './inside.ts';

/** how names of ours begin: hidden from the tree and from change events */
export const OURS = '.palestra';
const UPLOAD_LIMIT = 1024 * 1024 * 1024;
const LONGEST_NAME = 255;

export interface Condition {
  /** the version the saver began from */
  readonly ifMatch?: string;
  /** only if nothing stands there */
  readonly ifNew?: boolean;
}
/** @returns the new version's tag */
export async function writeFile(
  home: Home,
  path: string,
  body: Readable | Buffer,
  condition: Condition,
  executable?: boolean,
): Promise<string> {
  const { folder, name } = await home.place(path, true);
  await using open = folder;
  if (Buffer.byteLength(name) > LONGEST_NAME) throw new Refusal('bad-request', 'This name is too long.');
  await refuseEarly(open, name, condition);
  const temporary = `${OURS}-save-${randomBytes(8).toString('hex')}`;
  try {
    await fill(open, temporary, name, body, executable);
    return await exclusively(await identity(open, name), () => commit(open, temporary, name, condition));
  } finally {
    await rm(open.at(temporary), { force: true });
  }
}

/** Before a gigabyte is received: the same checks that count are made again under the lock. */
async function refuseEarly(folder: Folder, name: string, condition: Condition): Promise<void> {
  const now = await versionOf(folder, name);
  check(now, condition);
}

/** The version that stands there, null for none. Folders, FIFOs and devices are not overwritten. */
async function versionOf(folder: Folder, name: string): Promise<string | null> {
  try {
    const stats = await lstat(folder.at(name), { bigint: true });
    if (stats.isDirectory()) throw new Refusal('conflict', 'A folder has this name.');
    if (!stats.isFile()) throw new Refusal('unsupported', 'This is not an ordinary file.');
    return etagOf(stats);
  } catch (error) {
    if (errnoOf(error) === 'ENOENT') return null;
    throw error;
  }
}

function check(now: string | null, { ifMatch, ifNew }: Condition): void {
  if (ifNew === true && now !== null) throw stale('A file of this name is already there.', now);
  if (ifMatch !== undefined && now !== ifMatch) {
    throw stale(
      now === null
        ? 'The file was removed since you opened it.'
        : 'The file was changed since you opened it.',
      now,
    );
  }
}

function stale(sentence: string, etag: string | null): Refusal {
  return new Refusal('stale', `${sentence} Nothing was overwritten.`, { details: { etag } });
}

async function fill(
  folder: Folder,
  temporary: string,
  name: string,
  body: Readable | Buffer,
  executable?: boolean,
): Promise<void> {
  const { O_WRONLY, O_CREAT, O_EXCL, O_NOFOLLOW } = constants;
  await using file = await open(folder.at(temporary), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW, 0o644);
  await receive(file, body);
  await file.chmod(await modeFor(folder, name, executable));
  await file.sync();
}

async function receive(file: FileHandle, body: Readable | Buffer): Promise<void> {
  if (Buffer.isBuffer(body)) return file.writeFile(body);
  let length = 0;
  for await (const chunk of body as AsyncIterable<Buffer>) {
    length += chunk.length;
    if (length > UPLOAD_LIMIT) throw new Refusal('too-large', 'At most 1 GiB can be uploaded at a time.');
    for (let done = 0; done < chunk.length;) done += (await file.write(chunk, done)).bytesWritten;
  }
}

/** What was executable stays so. */
async function modeFor(folder: Folder, name: string, executable?: boolean): Promise<number> {
  if (executable !== undefined) return executable ? 0o755 : 0o644;
  try {
    return (await lstat(folder.at(name))).mode & 0o777;
  } catch (error) {
    if (errnoOf(error) === 'ENOENT') return 0o644;
    throw error;
  }
}

async function commit(
  folder: Folder,
  temporary: string,
  name: string,
  condition: Condition,
): Promise<string> {
  check(await versionOf(folder, name), condition);
  if (condition.ifNew === true) await linkAsNew(folder, temporary, name);
  else await rename(folder.at(temporary), folder.at(name));
  await folder.handle.sync();
  return etagOf(await lstat(folder.at(name), { bigint: true }));
}

/** A program may have made the file since we looked: `link` refuses where `rename` would overwrite. */
async function linkAsNew(folder: Folder, temporary: string, name: string): Promise<void> {
  try {
    await link(folder.at(temporary), folder.at(name));
    await rm(folder.at(temporary));
  } catch (error) {
    if (errnoOf(error) === 'EEXIST') throw stale('A file of this name is already there.', null);
    throw error;
  }
}

async function identity(folder: Folder, name: string): Promise<string> {
  const { dev, ino } = await stat(folder.at(''));
  return `${dev}:${ino}:${name}`;
}

const turns = new Map<string, Promise<unknown>>();

/** One after the other for each file: between looking at its version and renaming over it nobody else of ours may save. */
async function exclusively<T>(key: string, act: () => Promise<T>): Promise<T> {
  const before = turns.get(key) ?? Promise.resolve();
  const mine = before.then(act, act);
  turns.set(key, mine);
  try {
    return await mine;
  } finally {
    if (turns.get(key) === mine) turns.delete(key);
  }
}
