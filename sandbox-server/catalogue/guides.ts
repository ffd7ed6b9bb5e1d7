/**
 * Guides that are proven: pages of the site with a `kit` in their front matter. Together they are a course, `guides`,
 * that no list of courses shows: a lesson each, and one lab for whoever tries them live.
 */
import { readdir, readFile } from 'node:fs/promises';
import { basename, join, relative } from 'node:path';
import type { Course, Lesson } from '../contract/lesson.ts';
import { Slug } from '../contract/names.ts';
import { readDocument } from './document.ts';
import { GuideFront, LessonFront } from './front-matter.ts';
import { hashOf } from './lesson-files.ts';
import { lessonOf } from './lesson.ts';
import type { Parsed } from './lesson.ts';
import { parseMarkdown, splitFrontMatter } from './markdown.ts';
import { CourseError, READ } from './mistakes.ts';
import type { Mistake } from './mistakes.ts';
import { readTwin } from './twin.ts';
import { readYaml } from './yaml-file.ts';

export const GUIDES = 'guides';
/** of the site's pages, relative to the checkout */
const DOCS = 'site/src/content/docs';

/** Whether a page's front matter names a kit. */
export function isProven(text: string): boolean {
  return /^kit:/m.test(splitFrontMatter(text).yaml ?? '');
}

/** @param root the checkout. @throws CourseError with every mistake of every guide */
export async function loadGuides(root: string): Promise<Course> {
  const { value, mistakes } = await readGuides(root);
  if (mistakes.length > 0) throw new CourseError(mistakes);
  return value;
}

/** The same without throwing; files of mistakes are named from the checkout. */
export async function readGuides(root: string): Promise<{ value: Course; mistakes: Mistake[] }> {
  const folder = join(root, DOCS, GUIDES);
  const read = await Promise.all((await pagesIn(folder)).map((path) => readGuide(root, path)));
  const lessons = read.flatMap(({ value }) => (value === null ? [] : [value]));
  return { value: courseOf(folder, lessons), mistakes: read.flatMap(({ mistakes }) => mistakes) };
}

/** What only a build of the site can show: of a guide that is proven its front matter, of any other page everything. */
export async function guideFrames(root: string): Promise<[path: string, frame: string][]> {
  const pages = await pagesIn(join(root, DOCS, GUIDES));
  return Promise.all(
    pages.map(async (path) => {
      const text = await readFile(path, 'utf8');
      return [path, isProven(text) ? (splitFrontMatter(text).yaml ?? '') : text] as [string, string];
    }),
  );
}

function courseOf(folder: string, lessons: Lesson[]): Course {
  return {
    id: GUIDES,
    title: 'Guides',
    summary: 'What guides show, tried live.',
    audience: 'Whoever reads a guide.',
    authors: ['The Palestra authors'],
    licence: 'CC-BY-4.0',
    kit: 'base',
    services: [],
    groups: [],
    lessons,
    folder,
  };
}

async function readGuide(root: string, path: string): Promise<Parsed<Lesson>> {
  const text = await readFile(path, 'utf8');
  if (!isProven(text)) return { value: null, mistakes: [] };
  const id = basename(path, '.md');
  const { value, mistakes } = parseGuide(id, relative(root, path), text);
  const twins = await twinsOf(root, id);
  const differing = twins.flatMap(
    (twin) => readTwin(text, twin.text, relative(root, twin.path), 'guide').mistakes,
  );
  const lesson = value && {
    ...value,
    messages: {},
    folder: join(root, DOCS, GUIDES),
    hash: hashOf(text, {}),
  };
  return { value: lesson, mistakes: [...mistakes, ...differing] };
}

function parseGuide(id: string, file: string, text: string) {
  const { yaml, markdown } = splitFrontMatter(text);
  const mistakes: Mistake[] = [];
  const front = readYaml(
    { file, text: yaml ?? '', linesBefore: 1, read: READ.guides },
    GuideFront,
    (mistake) => mistakes.push(mistake),
  );
  const source = { course: GUIDES, id, file, text, inherits: { kit: 'base', services: [] } };
  const head =
    front &&
    LessonFront.parse({
      title: front.title,
      minutes: front.minutes,
      mask: front.mask,
      needs: { kit: front.kit },
    });
  const { value, mistakes: inside } = lessonOf(
    source,
    head,
    readDocument(parseMarkdown(markdown), markdown, file, 0, 'guide'),
  );
  const named = Slug.safeParse(id).success ? [] : [nameMistake(file, id)];
  return { value, mistakes: [...named, ...mistakes, ...inside] };
}

const nameMistake = (file: string, id: string): Mistake => ({
  file,
  line: 1,
  message: 'This name cannot be a guide that is proven.',
  expected: 'lower-case letters, digits and single hyphens, at most 60 characters',
  received: id,
  read: READ.guides,
});

/** `it/guides/NAME.md` beside `guides/NAME.md`. */
async function twinsOf(root: string, id: string): Promise<{ path: string; text: string }[]> {
  const languages = (await namesIn(join(root, DOCS))).filter((name) => /^[a-z]{2}$/.test(name)).sort();
  const paths = languages.map((language) => join(root, DOCS, language, GUIDES, `${id}.md`));
  const each = await Promise.all(paths.map(async (path) => ({ path, text: await textAt(path) })));
  return each.flatMap(({ path, text }) => (text === null ? [] : [{ path, text }]));
}

/** Absolute: a guide's Markdown in every language. */
export async function guideTexts(root: string, id: string): Promise<string[]> {
  const twins = await twinsOf(root, id);
  return [join(root, DOCS, GUIDES, `${id}.md`), ...twins.map(({ path }) => path)];
}

/** Absolute, sorted. */
async function pagesIn(folder: string): Promise<string[]> {
  const names = (await namesIn(folder)).filter((name) => name.endsWith('.md')).sort();
  return names.map((name) => join(folder, name));
}

async function namesIn(folder: string): Promise<string[]> {
  return (await readdir(folder).catch(absent)) ?? [];
}

async function textAt(path: string): Promise<string | null> {
  return readFile(path, 'utf8').catch(absent);
}

function absent(error: NodeJS.ErrnoException): null {
  if (error.code === 'ENOENT') return null;
  throw error;
}
