/** Folders made, things moved and removed. Nothing is ever replaced by a move. */
import { lstat, mkdir, rename, rm } from 'node:fs/promises';
import { Refusal, errnoOf } from '../refusal.ts';
import type { Folder, Home } from './inside.ts';

/** Parents are made as well. @throws Refusal `conflict` where something stands there */
export async function makeFolder(home: Home, path: string): Promise<void> {
  await ensureFolder(home, parentOf(path));
  const { folder, name } = await home.place(path);
  await using open = folder;
  await mkdir(open.at(name));
}

/** The folder and its parents exist afterwards; each is opened anew, so a link out of the home stops it. */
export async function ensureFolder(home: Home, path: string): Promise<void> {
  if (path === '') return;
  try {
    await using _ = await home.folder(path);
  } catch (error) {
    if (errnoOf(error) !== 'ENOENT') throw error;
    await ensureFolder(home, parentOf(path));
    const { folder, name } = await home.place(path);
    await using open = folder;
    await mkdir(open.at(name)).catch((again: unknown) => {
      if (errnoOf(again) !== 'EEXIST') throw again;
    });
  }
}

export async function moveInside(home: Home, from: string, to: string): Promise<void> {
  if (to === from) return;
  if (to.startsWith(`${from}/`)) throw new Refusal('bad-request', 'A folder cannot be moved into itself.');
  const source = await home.place(from);
  await using left = source.folder;
  const target = await home.place(to);
  await using right = target.folder;
  await lstat(left.at(source.name));
  if (await exists(right, target.name))
    throw new Refusal('conflict', 'Something with this name is already there.');
  await rename(left.at(source.name), right.at(target.name));
  await right.handle.sync();
}

/** A link is removed, not what it points to; folders with all they hold. */
export async function removeInside(home: Home, path: string): Promise<void> {
  const { folder, name } = await home.place(path);
  await using open = folder;
  await rm(open.at(name), { recursive: true });
}

async function exists(folder: Folder, name: string): Promise<boolean> {
  try {
    await lstat(folder.at(name));
    return true;
  } catch (error) {
    if (errnoOf(error) === 'ENOENT') return false;
    throw error;
  }
}

export function parentOf(path: string): string {
  return path.includes('/') ? path.slice(0, path.lastIndexOf('/')) : '';
}
