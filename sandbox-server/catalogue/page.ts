/**
 * The static page of a lesson: a remark plugin for the site's Markdown pipeline. Checks, solutions,
 * setups, wrongs, undos, answers and the marks of right choices are taken out of the tree here, so they
 * cannot reach a static file; what stays gets the structure that the lab's client code looks for.
 *
 * Put it before Starlight's own plugins: `unified({ remarkPlugins: [[lessonPage, { courses }]] })`.
 * A mistake in a lesson throws a CourseError and so stops the build.
 */
import { readFileSync } from 'node:fs';
import { basename, dirname, join, relative, resolve } from 'node:path';
import type { Root } from 'mdast';
import { isStep, readDocument } from './document.ts';
import type { LessonDocument } from './document.ts';
import { parseMarkdown, splitFrontMatter, undoTextDirectives } from './markdown.ts';
import { CourseError } from './mistakes.ts';
import { wrapSteps } from './page-steps.ts';
import type { StepIds } from './page-steps.ts';
import { pageNodes } from './page-nodes.ts';

export interface LessonPageOptions {
  /** absolute folder of the courses; pages elsewhere are left alone */
  readonly courses: string;
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
    if (path === null) return;
    const source = file.toString();
    undoTextDirectives(tree, source);
    const document = readDocument(tree, source, relative(courses, path), linesBefore(path, source));
    if (document.mistakes.length > 0) throw new CourseError(document.mistakes);
    tree.children = wrapSteps(pageNodes(tree.children, document), stepIds(path, document));
  };
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
function stepIds(path: string, document: LessonDocument): StepIds {
  const english = basename(path) === 'lesson.md' ? document : readEnglish(dirname(path));
  const ids = english.sections.map((section) => (isStep(section) ? section.id : null));
  return new Map(
    document.sections.flatMap(({ heading }, index) =>
      heading === null ? [] : [[heading, ids[index] ?? null]],
    ),
  );
}

function readEnglish(folder: string): LessonDocument {
  const { markdown } = splitFrontMatter(readFileSync(join(folder, 'lesson.md'), 'utf8'));
  return readDocument(parseMarkdown(markdown), markdown, 'lesson.md');
}
