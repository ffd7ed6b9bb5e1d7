/**
 * The static page of a lesson: a remark plugin for the site's Markdown pipeline. Checks, solutions,
 * setups, wrongs, undos, answers and the marks of right choices are taken out of the tree here, so they
 * cannot reach a static file; what stays gets the structure that the lab's client code looks for.
 *
 * Put it before Starlight's own plugins: `unified({ remarkPlugins: [[lessonPage, { courses }]] })`.
 * A mistake in a lesson throws a CourseError and so stops the build.
 */
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import type { Root } from 'mdast';
import { isStep, readDocument } from './document.ts';
import type { Genre, LessonDocument } from './document.ts';
import { isProven } from './guides.ts';
import { parseMarkdown, splitFrontMatter, undoTextDirectives } from './markdown.ts';
import { CourseError } from './mistakes.ts';
import { wrapSteps } from './page-steps.ts';
import type { StepIds } from './page-steps.ts';
import { pageNodes } from './page-nodes.ts';

export interface LessonPageOptions {
  /** absolute folder of the courses */
  readonly courses: string;
  /** absolute folder of the site's pages: guides below it that name a kit are read as lessons; other pages are left alone */
  readonly docs?: string;
}
/** The part of a vfile that is read. */
interface PageFile {
  readonly path?: string;
  toString(): string;
}

/** @returns the remark transform; synchronous. */
export function lessonPage(options: LessonPageOptions): (tree: Root, file: PageFile) => void {
  const courses = resolve(options.courses);
  return (tree, file) => {
    const path = lessonPath(file.path, courses);
    const page = path === null ? guidePage(file.path, options.docs) : lessonPageAt(path, courses);
    if (page === null) return;
    const source = file.toString();
    undoTextDirectives(tree, source);
    const before = linesBefore(page.path, source);
    const document = readDocument(tree, source, page.file, before, page.genre);
    if (document.mistakes.length > 0) throw new CourseError(document.mistakes);
    tree.children = wrapSteps(pageNodes(tree.children, document), stepIds(page, document));
  };
}

interface Page {
  readonly genre: Genre;
  readonly path: string;
  /** as mistakes name it */
  readonly file: string;
  /** its steps' ids come from here */
  readonly english: string;
}

const lessonPageAt = (path: string, courses: string): Page => ({
  genre: 'lesson',
  path,
  file: relative(courses, path),
  english: join(dirname(path), 'lesson.md'),
});

/** `guides/NAME.md` that names a kit, and its translations. */
function guidePage(path: string | undefined, docs: string | undefined): Page | null {
  if (path === undefined || docs === undefined) return null;
  const absolute = resolve(path);
  const [, name] = /^(?:[a-z]{2}\/)?guides\/([^/]+\.md)$/.exec(relative(resolve(docs), absolute)) ?? [];
  if (name === undefined) return null;
  const english = join(resolve(docs), 'guides', name);
  if (!existsSync(english) || !isProven(readFileSync(english, 'utf8'))) return null;
  return { genre: 'guide', path: absolute, file: relative(resolve(docs), absolute), english };
}

/** Astro gives a path or a file URL's path; only `course/lesson/lesson.md` and its twins are lessons. */
function lessonPath(path: string | undefined, courses: string): string | null {
  if (path === undefined) return null;
  const absolute = resolve(path);
  const [, , file, ...more] = relative(courses, absolute).split('/');
  return file !== undefined && more.length === 0 && /^lesson(\.[a-z]{2})?\.md$/.test(file) ? absolute : null;
}

/** The pipeline may hand over a lesson without its front matter; mistakes name lines of the file. */
function linesBefore(path: string, source: string): number {
  return lines(readFileSync(path, 'utf8')) - lines(source);
}
const lines = (text: string) => text.trimEnd().split('\n').length;

/** Ids come from the English headings, also on a translated page, whose sections stand in the same order. */
function stepIds(page: Page, document: LessonDocument): StepIds {
  const english = page.english === page.path ? document : readEnglish(page);
  const ids = english.sections.map((section) => (isStep(section) ? section.id : null));
  return new Map(
    document.sections.flatMap(({ heading }, index) =>
      heading === null ? [] : [[heading, ids[index] ?? null]],
    ),
  );
}

function readEnglish({ english, genre }: Page): LessonDocument {
  const { markdown } = splitFrontMatter(readFileSync(english, 'utf8'));
  return readDocument(parseMarkdown(markdown), markdown, 'lesson.md', 0, genre);
}
