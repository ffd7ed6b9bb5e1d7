/** Which addresses the site answers, read from the checkout's folders; and which page stands at each. */
import { readdir } from 'node:fs/promises';
import { join, relative } from 'node:path';

export interface SiteMap {
  /** the file of a page's address, such as `/courses/dask/`; null: a page without Markdown of its own */
  readonly pages: ReadonlyMap<string, string | null>;
  /** addresses of files that are served as they are */
  readonly files: ReadonlySet<string>;
}

/** @param root the checkout */
export async function readSiteMap(root: string): Promise<SiteMap> {
  const [courses, docs, pages, files] = await Promise.all([
    coursePages(join(root, 'courses')),
    docPages(join(root, 'site/src/content/docs')),
    astroPages(join(root, 'site/src/pages')),
    filesBelow(join(root, 'site/public')),
  ]);
  return {
    pages: new Map<string, string | null>([['/', null], ...pages, ...docs, ...courses]),
    files: new Set(files.map((file) => `/${file}`)),
  };
}

type Entry = readonly [string, string | null];

async function coursePages(courses: string): Promise<Entry[]> {
  const files = await filesBelow(courses, 2);
  return files.flatMap((file): Entry[] => {
    const [course, lesson, name] = file.split('/');
    if (name === 'lesson.md') return [[`/courses/${course}/${lesson}/`, join(courses, file)]];
    return lesson === 'course.yaml' ? [[`/courses/${course}/`, null]] : [];
  });
}

async function docPages(docs: string): Promise<Entry[]> {
  const files = await filesBelow(docs);
  return files
    .filter((file) => /\.mdx?$/.test(file))
    .map((file) => [addressOf(file.replace(/\.mdx?$/, '')), join(docs, file)]);
}

/** Pages with parameters stand for what others list. */
async function astroPages(pages: string): Promise<Entry[]> {
  const files = await filesBelow(pages);
  return files
    .filter((file) => file.endsWith('.astro') && !file.includes('['))
    .map((file) => [addressOf(file.replace(/\.astro$/, '')), null]);
}

const addressOf = (path: string) => `/${path.replace(/(?:^|\/)index$/, '')}/`.replace('//', '/');

/** Paths of regular files, relative and POSIX; a folder that is not there has none. @param depth of folders */
export async function filesBelow(folder: string, depth = 20): Promise<string[]> {
  const found: string[] = [];
  const walk = async (here: string, left: number): Promise<void> => {
    for (const entry of await entriesOf(here)) {
      const path = join(here, entry.name);
      if (entry.isFile()) found.push(relative(folder, path));
      else if (entry.isDirectory() && left > 0 && !IGNORED.test(entry.name)) await walk(path, left - 1);
    }
  };
  await walk(folder, depth);
  return found.sort();
}
const IGNORED = /^(?:\..*|node_modules|__pycache__)$/;

async function entriesOf(folder: string) {
  try {
    return await readdir(folder, { withFileTypes: true });
  } catch (error) {
    if (error instanceof Error && 'code' in error && (error.code === 'ENOENT' || error.code === 'ENOTDIR'))
      return [];
    throw error;
  }
}
