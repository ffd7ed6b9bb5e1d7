/**
 * What a home holds, breadth first: the learner's own files come before what lies deep in a pile. Only looked at, never
 * opened. A learner may change it meanwhile; what is gone when it is looked at is not there.
 */
import { isUtf8 } from 'node:buffer';
import { lstat, readdir } from 'node:fs/promises';
import type { BigIntStats } from 'node:fs';
import { join } from 'node:path';
import { OURS } from '../files/write.ts';
import { errnoOf } from '../refusal.ts';
import type { LeftOut } from './left-out.ts';

const AT_ONCE = 32;

export interface Found {
  /** below the home, '/' between parts */
  readonly path: string;
  readonly kind: 'file' | 'folder' | 'link';
  /** of files, bytes */
  readonly size: number;
  readonly mode: number;
  /** last change, seconds */
  readonly mtime: number;
  /** the same for all names of one file */
  readonly id: string;
  /** how many names it has */
  readonly names: number;
  /** differs once anything about it changed */
  readonly version: string;
}

/** @param most names looked at; past it the deepest are left out, and `leftOut` says so */
export async function walk(home: string, most: number, leftOut: LeftOut): Promise<Found[]> {
  const found: Found[] = [];
  const folders = [''];
  for (let at = 0; at < folders.length; at += 1) {
    const folder = folders[at] ?? '';
    for (const one of await entriesOf(home, folder, leftOut)) {
      if (found.length >= most) {
        leftOut.add(one.path, `more than ${most} names`);
        return found;
      }
      found.push(one);
      if (one.kind === 'folder') folders.push(one.path);
    }
  }
  return found;
}

async function entriesOf(home: string, folder: string, leftOut: LeftOut): Promise<Found[]> {
  const names = await namesOf(home, folder, leftOut);
  const found: Found[] = [];
  for (let at = 0; at < names.length; at += AT_ONCE) {
    const paths = names.slice(at, at + AT_ONCE).map((name) => (folder === '' ? name : `${folder}/${name}`));
    const some = await Promise.all(paths.map((path) => look(home, path, leftOut)));
    found.push(...some.filter((one) => one !== null));
  }
  return found;
}

/** In order, so that the same home is always walked the same way. */
async function namesOf(home: string, folder: string, leftOut: LeftOut): Promise<string[]> {
  let raw: Buffer[];
  try {
    raw = await readdir(join(home, folder), { encoding: 'buffer' });
  } catch (error) {
    if (['ENOENT', 'ENOTDIR'].includes(errnoOf(error))) return [];
    leftOut.add(folder, reasonOf(error));
    return [];
  }
  const names = raw.flatMap((name) => {
    if (isUtf8(name)) return [name.toString()];
    leftOut.add(join(folder, name.toString('latin1')), 'its name is not UTF-8');
    return [];
  });
  return names.filter((name) => !name.startsWith(OURS)).sort();
}

async function look(home: string, path: string, leftOut: LeftOut): Promise<Found | null> {
  try {
    const stats = await lstat(join(home, path), { bigint: true });
    const kind = kindOf(stats);
    if (kind !== null) return foundAt(path, kind, stats);
    leftOut.add(path, 'a pipe, a socket or a device');
  } catch (error) {
    if (!['ENOENT', 'ENOTDIR'].includes(errnoOf(error))) leftOut.add(path, reasonOf(error));
  }
  return null;
}

function foundAt(path: string, kind: Found['kind'], stats: BigIntStats): Found {
  return {
    path,
    kind,
    size: kind === 'file' ? Number(stats.size) : 0,
    mode: Number(stats.mode & 0o777n),
    mtime: Number(stats.mtimeMs / 1000n),
    id: `${stats.dev}:${stats.ino}`,
    names: kind === 'file' ? Number(stats.nlink) : 1,
    version: versionOf(stats),
  };
}

/** Times in ns: two writes in one second differ. Of a folder only its mode: its names are looked at anyway. */
export function versionOf(stats: BigIntStats): string {
  if (stats.isDirectory()) return stats.mode.toString(8);
  return [stats.mode.toString(8), stats.size, stats.mtimeNs, stats.ctimeNs, stats.ino].join(' ');
}

function kindOf(stats: BigIntStats): Found['kind'] | null {
  if (stats.isFile()) return 'file';
  if (stats.isDirectory()) return 'folder';
  return stats.isSymbolicLink() ? 'link' : null;
}

export function reasonOf(error: unknown): string {
  switch (errnoOf(error)) {
    case 'EACCES':
    case 'EPERM':
      return 'its permissions do not allow reading it';
    case 'ENAMETOOLONG':
      return 'its path is too long';
    case 'ELOOP':
      return 'it became a link meanwhile';
    case 'EIO':
      return 'the disk could not read it';
    default:
      throw error;
  }
}
