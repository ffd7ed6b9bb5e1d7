/** Files beside a lesson: `files/` for the learner, `checks/` and the course's `fixtures/` for its scripts. */
import { createHash } from 'node:crypto';
import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { Lesson } from '../contract/lesson.ts';
import { isHomePath } from '../contract/names.ts';
import type { LessonFile } from './face.ts';
import { READ } from './mistakes.ts';
import type { Mistake } from './mistakes.ts';

/** Absolute: the lesson's Markdown in every language. */
export async function textsOf({ folder }: Pick<Lesson, 'folder'>): Promise<string[]> {
  const names = (await readdir(folder)).filter((name) => /^lesson(\.[a-z]{2})?\.md$/.test(name));
  return names.sort().map((name) => join(folder, name));
}

/** One folder's files, sorted by path. A folder that does not exist has none. */
export async function readFolder(folder: string): Promise<LessonFile[]> {
  const paths = await listFiles(folder);
  return Promise.all(paths.map((path) => readLessonFile(folder, path)));
}

async function readLessonFile(folder: string, path: string): Promise<LessonFile> {
  const absolute = join(folder, path);
  const [content, { mode }] = await Promise.all([readFile(absolute), stat(absolute)]);
  return { path, content: content.toString('base64'), executable: (mode & 0o111) !== 0 };
}

/** Regular files below a folder, as POSIX paths. Links and devices are not followed; see fileMistakes. */
async function listFiles(folder: string): Promise<string[]> {
  const entries = await entriesOf(folder);
  return entries
    .filter((entry) => entry.isFile)
    .map((entry) => entry.path)
    .sort();
}

interface Entry {
  readonly path: string;
  readonly isFile: boolean;
}

async function entriesOf(folder: string): Promise<Entry[]> {
  try {
    const entries = await readdir(folder, { recursive: true, withFileTypes: true });
    return entries
      .filter((entry) => !entry.isDirectory() && !entry.parentPath.includes('__pycache__'))
      .map((entry) => ({
        path: join(entry.parentPath, entry.name).slice(folder.length + 1),
        isFile: entry.isFile(),
      }));
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return [];
    throw error;
  }
}

/** What may not lie in `files/`, `checks/` or `fixtures/`: links, devices, names a home cannot have. */
export async function fileMistakes(folder: string, name: string): Promise<Mistake[]> {
  const entries = await entriesOf(folder);
  const bad = entries.filter((entry) => !entry.isFile || !isHomePath(entry.path));
  return bad.map((entry) => ({
    file: `${name}/${entry.path}`,
    line: 1,
    message: 'This cannot be given to a learner.',
    expected: 'a regular file with a plain name',
    received: entry.isFile ? entry.path : 'a link or a special file',
    read: READ.folders,
  }));
}

/**
 * What a proof is bound to: sha256 over the lesson's text, its files, its checks and the course's fixtures.
 * Each part carries its length, so no two sets of files give one stream of bytes.
 */
export function hashOf(text: string, folders: Readonly<Record<string, readonly LessonFile[]>>): string {
  const hash = createHash('sha256');
  const add = (part: string) => hash.update(`${Buffer.byteLength(part)}:`).update(part);
  add(text);
  for (const [name, files] of Object.entries(folders))
    for (const file of files) [name, file.path, file.executable ? 'x' : '-', file.content].forEach(add);
  return hash.digest('hex');
}
