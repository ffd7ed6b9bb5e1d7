/**
 * The only way to a file of the home: through a descriptor whose real place was looked at after it was opened. A name
 * checked first and opened later can be swapped for a symbolic link in between (T32); a descriptor cannot. Links that
 * stay inside the home are followed.
 */
import { constants } from 'node:fs';
import { open, readlink, realpath } from 'node:fs/promises';
import type { FileHandle } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { isHomePath } from '../http/names.ts';
import { Refusal, errnoOf } from '../refusal.ts';

const { O_RDONLY, O_DIRECTORY, O_NONBLOCK } = constants;

export interface Home {
  /** an open folder of the home */
  folder(path: string): Promise<Folder>;
  /** an open regular file: FIFOs, devices and sockets are refused without waiting for them (T33) */
  file(path: string): Promise<FileHandle>;
  /** the folder a new thing goes into, and its name there; links in the last part are followed if `follow` */
  place(path: string, follow?: boolean): Promise<{ folder: Folder; name: string }>;
}

/** A folder held open; `at(name)` is a path below it that no swap of names can lead elsewhere. */
export class Folder implements AsyncDisposable {
  readonly handle: FileHandle;
  constructor(handle: FileHandle) {
    this.handle = handle;
  }
  /** Valid while the folder is open. `name` is one part, or '' for the folder itself. */
  at(name: string): string {
    return join(`/proc/self/fd/${this.handle.fd}`, name);
  }
  async [Symbol.asyncDispose](): Promise<void> {
    await this.handle.close();
  }
}

/** A path of the request as the contract allows it (T31). */
export function homePath(path: unknown): string {
  if (typeof path === 'string' && isHomePath(path)) return path;
  throw new Refusal('bad-request', 'This is not a path inside your home.');
}

/** @param home absolute; looked up at each use, because it is renamed into place at the claim */
export function createHome(home: string): Home {
  const folder = async (path: string): Promise<Folder> =>
    new Folder(await openInside(home, path, O_RDONLY | O_DIRECTORY));
  return {
    folder,
    async file(path) {
      const handle = await openInside(home, path, O_RDONLY | O_NONBLOCK);
      if ((await handle.stat()).isFile()) return handle;
      await handle.close();
      throw new Refusal('unsupported', `${path} is not an ordinary file.`);
    },
    async place(path, follow = false) {
      if (path === '') throw new Refusal('bad-request', 'That would be the home itself.');
      const target = follow ? await followLink(home, path) : path;
      return { folder: await folder(target === '' ? '' : dirnameOf(target)), name: basename(target) };
    },
  };
}

const dirnameOf = (path: string): string => (path.includes('/') ? dirname(path) : '');

async function openInside(home: string, path: string, flags: number): Promise<FileHandle> {
  const root = await realpath(home);
  const handle = await open(join(root, path), flags).catch((error: unknown) => {
    // ENXIO: a socket, or a FIFO nobody reads
    if (errnoOf(error) === 'ENXIO') throw new Refusal('unsupported', `${path} is not an ordinary file.`);
    throw error;
  });
  const real = await readlink(`/proc/self/fd/${handle.fd}`);
  if (real === root || real.startsWith(`${root}/`)) return handle;
  await handle.close();
  throw new Refusal('forbidden', `${path} leads out of your home.`);
}

/** Where a link in the last part points, as a path of the home; the path itself where it is none. Checked again when opened. */
async function followLink(home: string, path: string): Promise<string> {
  const root = await realpath(home);
  try {
    const real = await realpath(join(root, path));
    if (real === root || real.startsWith(`${root}/`)) return real.slice(root.length + 1);
    throw new Refusal('forbidden', `${path} leads out of your home.`);
  } catch (error) {
    if (errnoOf(error) === 'ENOENT') return path;
    throw error;
  }
}
