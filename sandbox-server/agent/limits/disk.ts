/** How much a folder holds on disk, looked at in small steps so that terminals do not notice. */
import { lstat, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { errnoOf } from '../refusal.ts';

const AT_ONCE = 32;

/** @returns bytes in blocks (a sparse file counts what it takes); hard links count once each name */
export async function diskUsage(folder: string): Promise<number> {
  const entries = await readdir(folder, { withFileTypes: true }).catch(unlessGone([]));
  let bytes = 0;
  for (let at = 0; at < entries.length; at += AT_ONCE) {
    const sizes = await Promise.all(
      entries.slice(at, at + AT_ONCE).map((entry) => {
        const path = join(entry.parentPath, entry.name);
        return entry.isDirectory()
          ? Promise.resolve(0)
          : lstat(path).then(({ blocks }) => blocks * 512, unlessGone(0));
      }),
    );
    bytes += sizes.reduce((sum, size) => sum + size, 0);
  }
  // one folder after the other: a tree of a million files must not open a million at once
  for (const entry of entries)
    if (entry.isDirectory()) bytes += await diskUsage(join(entry.parentPath, entry.name));
  return bytes;
}

function unlessGone<T>(instead: T): (error: unknown) => T {
  return (error) => {
    if (['ENOENT', 'ENOTDIR', 'EACCES', 'ELOOP'].includes(errnoOf(error))) return instead;
    throw error;
  };
}
