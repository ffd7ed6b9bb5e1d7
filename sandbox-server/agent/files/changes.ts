/**
 * Tells what changed in the home: inotify on each folder, coalesced, bounded. Noisy folders (caches, installed packages)
 * are not looked into: a `pip install` is tens of thousands of events that no page shows.
 */
import fs from 'node:fs';
import { lstat, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { FileChange } from '../../contract/files.ts';
import { isHomePath } from '../http/names.ts';
import { errnoOf } from '../refusal.ts';
import { etagOf } from './etag.ts';
import { OURS } from './write.ts';

const COALESCE = 100;
const MOST_FOLDERS = 2000;
const MOST_CHANGES = 500;
const NOISY = new Set([
  '.cache',
  '__pycache__',
  'node_modules',
  '.git',
  '.ipynb_checkpoints',
  '.npm',
  '.conda',
  'site-packages',
  'dask-worker-space',
  'dask-scratch-space',
]);
const NOISY_PATHS = new Set(['.local/share', '.local/lib', '.config/matplotlib', '.bash_history']);

export interface Changes {
  close(): void;
}

/** Watches until closed. @param home absolute */
export function watchHome(home: string, told: (changes: FileChange[]) => void): Changes {
  const folders = new Map<string, { watcher: fs.FSWatcher; names: Set<string> }>();
  const pending = new Set<string>();
  let timer: NodeJS.Timeout | null = null;
  let closed = false;

  const drop = (path: string): void => {
    for (const [folder, { watcher }] of folders) {
      if (folder !== path && !folder.startsWith(`${path}/`)) continue;
      watcher.close();
      folders.delete(folder);
    }
  };

  /** @param fresh what is found in it is news: the folder came while we watched */
  const follow = async (path: string, fresh: boolean): Promise<void> => {
    if (closed || folders.has(path) || folders.size >= MOST_FOLDERS) return;
    const names = new Set<string>();
    const watcher = watchFolder(join(home, path), (name) => {
      if (isNews(join(path, name))) note(join(path, name));
    });
    if (watcher === null) return;
    folders.set(path, { watcher, names });
    watcher.on('error', () => drop(path)); // the folder is gone
    for (const entry of await entriesOf(join(home, path))) {
      const inner = join(path, entry.name);
      if (!isNews(inner)) continue;
      if (fresh) note(inner);
      else names.add(entry.name);
      if (entry.isDirectory()) await follow(inner, fresh);
    }
  };

  const note = (path: string): void => {
    pending.add(path);
    timer ??= setTimeout(() => {
      timer = null;
      void tell();
    }, COALESCE);
  };

  const tell = async (): Promise<void> => {
    const paths = [...pending].slice(0, MOST_CHANGES);
    for (const path of paths) pending.delete(path);
    const changes = (await Promise.all(paths.map(changeOf))).filter((change) => change !== null);
    if (changes.length > 0 && !closed) told(changes);
    const [left] = pending;
    if (left !== undefined) note(left);
  };

  const changeOf = async (path: string): Promise<FileChange | null> => {
    const names = folders.get(parent(path))?.names;
    const name = path.slice(path.lastIndexOf('/') + 1);
    const known = names?.has(name) ?? false;
    try {
      const stats = await lstat(join(home, path), { bigint: true });
      names?.add(name);
      if (stats.isDirectory()) {
        await follow(path, !known);
        return known ? null : { path, change: 'created' };
      }
      return {
        path,
        change: known ? 'changed' : 'created',
        ...(stats.isFile() ? { etag: etagOf(stats) } : {}),
      };
    } catch (error) {
      if (!['ENOENT', 'ENOTDIR'].includes(errnoOf(error))) throw error;
      names?.delete(name);
      drop(path);
      return known ? { path, change: 'deleted' } : null;
    }
  };

  void follow('', false);
  return {
    close() {
      closed = true;
      if (timer !== null) clearTimeout(timer);
      for (const { watcher } of folders.values()) watcher.close();
      folders.clear();
    },
  };
}

const parent = (path: string): string => (path.includes('/') ? path.slice(0, path.lastIndexOf('/')) : '');

function isNews(path: string): boolean {
  const parts = path.split('/');
  return (
    isHomePath(path) &&
    !NOISY_PATHS.has(path) &&
    parts.every((part) => !NOISY.has(part) && !part.startsWith(OURS))
  );
}

function watchFolder(path: string, changed: (name: string) => void): fs.FSWatcher | null {
  try {
    return fs.watch(path, { persistent: false }, (_, name) => {
      if (name !== null && name !== '') changed(name);
    });
  } catch (error) {
    // gone already, not ours to read, or the kernel's bound on watches: the page still sees what it asks for
    if (['ENOENT', 'ENOTDIR', 'EACCES', 'ENOSPC', 'EMFILE'].includes(errnoOf(error))) return null;
    throw error;
  }
}

async function entriesOf(path: string): Promise<fs.Dirent[]> {
  try {
    return await readdir(path, { withFileTypes: true });
  } catch (error) {
    if (['ENOENT', 'ENOTDIR', 'EACCES'].includes(errnoOf(error))) return [];
    throw error;
  }
}
