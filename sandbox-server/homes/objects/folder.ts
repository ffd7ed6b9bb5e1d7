/**
 * Objects as files of one folder, for one server (or several that share the folder). Written beside, fsync, then a hard
 * link to the name: unlike a rename it refuses where something stands (the folder's `If-None-Match: *`).
 */
import { randomBytes } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { link, lstat, mkdir, open, readdir, rm, rmdir } from 'node:fs/promises';
import type { FileHandle } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Readable } from 'node:stream';
import { Problem } from '../../contract/errors.ts';
import { isKey, taken } from './object-store.ts';
import type { ObjectStore, StoredObject } from './object-store.ts';

const PARTS = '.parts';

/** @param folder made 0700 if absent */
export async function openFolder(folder: string): Promise<ObjectStore> {
  await mkdir(join(folder, PARTS), { recursive: true, mode: 0o700 });
  const at = (key: string): string => {
    if (!isKey(key)) throw new TypeError(`not a key: ${key}`);
    return join(folder, key);
  };
  return {
    name: `the folder ${folder}`,
    async put(key, body, signal) {
      const [target, part] = [at(key), join(folder, PARTS, randomBytes(12).toString('hex'))];
      try {
        const size = await fill(part, body, signal);
        await publish(folder, part, target);
        return size;
      } finally {
        await rm(part, { force: true });
      }
    },
    async get(key, signal) {
      const file = await open(at(key), 'r').catch((error: unknown) => {
        throw codeOf(error) === 'ENOENT' ? missing(key, error) : unusable(folder, error);
      });
      const { size } = await file.stat();
      return { body: createReadStream('', { fd: file, ...(signal === undefined ? {} : { signal }) }), size };
    },
    async remove(key) {
      await rm(at(key), { force: true });
      await syncFolder(dirname(at(key))).catch(unlessGone);
      // the lab's own folder, once it is empty
      await rmdir(dirname(at(key))).catch(unlessGone);
    },
    list: (prefix) => listBelow(folder, prefix),
    async tidy(before) {
      for (const name of await readdir(join(folder, PARTS))) {
        const path = join(folder, PARTS, name);
        const stats = await lstat(path).catch(unlessGone);
        if (stats && stats.mtimeMs < before) await rm(path, { force: true });
      }
    },
    close: () => undefined,
  };
}

async function fill(part: string, body: Readable, signal?: AbortSignal): Promise<number> {
  await using file = await open(part, 'wx', 0o600).catch((error: unknown) => {
    body.destroy();
    throw unusable(part, error);
  });
  let size = 0;
  for await (const chunk of body as AsyncIterable<Buffer>) {
    signal?.throwIfAborted();
    await write(file, chunk).catch((error: unknown) => {
      throw unusable(part, error);
    });
    size += chunk.length;
  }
  await file.sync();
  return size;
}

async function write(file: FileHandle, chunk: Buffer): Promise<void> {
  for (let done = 0; done < chunk.length;) done += (await file.write(chunk, done)).bytesWritten;
}

/** From here on it is there, also after a power cut: the name's folder and that folder's own name are synced. */
async function publish(folder: string, part: string, target: string): Promise<void> {
  try {
    await mkdir(dirname(target), { recursive: true, mode: 0o700 });
    await link(part, target);
    await syncFolder(dirname(target));
    await syncFolder(folder);
  } catch (error) {
    if (codeOf(error) === 'EEXIST') throw taken(error);
    throw unusable(folder, error);
  }
}

async function syncFolder(path: string): Promise<void> {
  await using handle = await open(path, 'r');
  await handle.sync();
}

async function* listBelow(folder: string, prefix: string): AsyncGenerator<StoredObject> {
  const names = (
    await readdir(folder).catch((error: unknown) => {
      throw unusable(folder, error);
    })
  ).filter((name) => isKey(name) && (prefix.startsWith(`${name}/`) || name.startsWith(prefix)));
  for (const name of names.sort())
    for (const inner of ((await readdir(join(folder, name)).catch(unlessGone)) ?? []).sort()) {
      const key = `${name}/${inner}`;
      const stats = await lstat(join(folder, key)).catch(unlessGone);
      if (isKey(key) && key.startsWith(prefix) && stats?.isFile() === true)
        yield { key, size: stats.size, at: stats.mtimeMs };
    }
}

function unlessGone(error: unknown): undefined {
  if (!['ENOENT', 'ENOTDIR', 'ENOTEMPTY', 'EEXIST'].includes(codeOf(error))) throw error;
}
function missing(key: string, cause: unknown): Problem {
  return new Problem('not-found', `There is no saved home ${key}.`, { cause });
}
function unusable(place: string, cause: unknown): Problem {
  const full = ['ENOSPC', 'EDQUOT'].includes(codeOf(cause));
  const why = full ? 'its disk is full' : cause instanceof Error ? cause.message : String(cause);
  return new Problem('unavailable', `Homes cannot be saved just now (${place}): ${why}.`, { cause });
}
function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : '';
}
