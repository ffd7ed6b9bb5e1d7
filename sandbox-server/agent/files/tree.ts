/** One folder's entries, hidden ones included, without our own temporary files. */
import { lstat, readdir } from 'node:fs/promises';
import type { FileEntry, FileTree } from '../../contract/files.ts';
import { errnoOf } from '../refusal.ts';
import { isHomePath } from '../http/names.ts';
import type { Folder, Home } from './inside.ts';
import { OURS } from './write.ts';

const MOST = 5000;

export async function treeOf(home: Home, path: string): Promise<FileTree> {
  await using folder = await home.folder(path);
  const names = (await readdir(folder.at('')))
    .filter((name) => !name.startsWith(OURS) && isHomePath(name))
    .sort();
  const listed = await Promise.all(names.slice(0, MOST).map((name) => entry(folder, path, name)));
  return {
    path,
    entries: listed.filter((one) => one !== null && one.path.length <= 1024) as FileEntry[],
    more: names.length > MOST,
  };
}

async function entry(folder: Folder, path: string, name: string): Promise<FileEntry | null> {
  try {
    const stats = await lstat(folder.at(name));
    const kind = stats.isFile()
      ? 'file'
      : stats.isDirectory()
        ? 'folder'
        : stats.isSymbolicLink()
          ? 'link'
          : 'other';
    return {
      path: path === '' ? name : `${path}/${name}`,
      kind,
      size: kind === 'file' ? stats.size : 0,
      mtime: Math.max(0, stats.mtimeMs),
    };
  } catch (error) {
    if (errnoOf(error) === 'ENOENT') return null; // gone since it was listed
    throw error;
  }
}
