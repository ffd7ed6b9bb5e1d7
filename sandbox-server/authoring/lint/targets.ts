/** What a path on the command line means: courses to read whole, and pages to look at. */
import { existsSync, statSync } from 'node:fs';
import { basename, dirname, join, relative, resolve, sep } from 'node:path';
import { Problem } from '../../contract/errors.ts';
import type { PageKind } from './page.ts';
import { filesBelow } from './site-map.ts';

export interface Targets {
  /** folders with a course.yaml */
  readonly courses: readonly string[];
  /** folders of courses: strays in them are looked for too */
  readonly shelves: readonly string[];
  readonly pages: readonly { readonly kind: PageKind; readonly path: string }[];
  /** a finding counts where its file is one of these, or below */
  readonly within: readonly string[];
}

/** Where nothing is named. */
const EVERYTHING = ['courses', 'site/src/content/docs'];

/**
 * @param root the checkout; @param paths relative to where the command was called
 * @throws Problem `not-found` for a path that is not there
 */
export async function findTargets(root: string, paths: readonly string[], from: string): Promise<Targets> {
  const named = paths.map((path) => located(path, root, from));
  const within =
    named.length > 0 ? named : EVERYTHING.map((path) => join(root, path)).filter((path) => existsSync(path));
  const each = await Promise.all(within.map(oneTarget));
  const pages = new Map(each.flatMap(({ pages }) => pages).map((page) => [page.path, page]));
  return {
    courses: [...new Set(each.flatMap(({ courses }) => courses))],
    shelves: [...new Set(each.flatMap(({ shelves }) => shelves))],
    pages: [...pages.values()],
    within,
  };
}

/** `dask` and `dask/2-graph` are as good as their paths. */
function located(path: string, root: string, from: string): string {
  const candidates = [resolve(from, path), resolve(root, path), resolve(root, 'courses', path)];
  const found = candidates.find((each) => existsSync(each));
  if (found !== undefined) return found;
  throw new Problem(
    'not-found',
    `There is no ${path} to lint. Name a course, a lesson, a folder or a Markdown file.`,
  );
}

async function oneTarget(path: string): Promise<Omit<Targets, 'within'>> {
  const above = courseAround(path);
  const files = await filesOf(path);
  const below = outermost(
    files.filter((file) => basename(file) === 'course.yaml').map((file) => dirname(file)),
  );
  const courses = above === null ? below : [above];
  const shelves = above === null && below.some((course) => dirname(course) === path) ? [path] : [];
  const inCourses = (file: string) => courses.some((course) => file.startsWith(course + sep));
  const pages = files.flatMap((file) => {
    const kind = kindOf(file, courses, inCourses(file));
    return kind === null ? [] : [{ kind, path: file }];
  });
  return { courses, shelves, pages };
}

/** A course in another's folder is a file that its learners get, perhaps to be mended by them. */
function outermost(courses: readonly string[]): string[] {
  return courses.filter((course) => !courses.some((other) => course.startsWith(other + sep)));
}

async function filesOf(path: string): Promise<string[]> {
  if (statSync(path).isFile()) return [path];
  return (await filesBelow(path)).map((file) => join(path, file));
}

function courseAround(path: string): string | null {
  for (let here = path; dirname(here) !== here; here = dirname(here))
    if (existsSync(join(here, 'course.yaml'))) return here;
  return null;
}

/** In a course only `COURSE/LESSON/lesson.md` and its translations are pages; a file given to learners is none. */
function kindOf(file: string, courses: readonly string[], inCourse: boolean): PageKind | null {
  if (!inCourse) return /\.mdx?$/.test(file) ? 'guide' : null;
  if (!courses.some((course) => relative(course, file).split(sep).length === 2)) return null;
  if (basename(file) === 'lesson.md') return 'lesson';
  return /^lesson\.[a-z]{2}\.md$/.test(basename(file)) ? 'twin' : null;
}
