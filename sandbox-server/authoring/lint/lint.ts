/** `palestra lint` as a function: courses and pages to findings. Reads files and runs `bash -n`, nothing else. */
import { readFile } from 'node:fs/promises';
import { basename, dirname, join, relative, resolve, sep } from 'node:path';
import { readGuides } from '../../catalogue/guides.ts';
import { readCourses } from '../../catalogue/load.ts';
import { parsingOnce } from '../../catalogue/markdown.ts';
import type { Mistake } from '../../catalogue/mistakes.ts';
import { readCourse } from '../../catalogue/read-course.ts';
import type { KnownService } from '../../catalogue/service-rules.ts';
import type { Course, Lesson } from '../../contract/lesson.ts';
import { cellFindings } from './cells.ts';
import { draftFindings, languageFindings, machineFindings, placeholderFindings } from './code.ts';
import { inOrder } from './finding.ts';
import type { Finding } from './finding.ts';
import { altFindings, headingFindings } from './images-headings.ts';
import { linkFindings } from './links.ts';
import { readPage } from './page.ts';
import type { Page } from './page.ts';
import { shellFindings } from './shell.ts';
import { heard, silencesOf } from './silences.ts';
import { filesBelow, readSiteMap } from './site-map.ts';
import type { SiteMap } from './site-map.ts';
import { stepFindings } from './steps.ts';
import { findTargets } from './targets.ts';
import type { Targets } from './targets.ts';
import { translationFindings } from './translations.ts';

export interface LintOptions {
  /** the checkout */
  readonly root: string;
  /** courses, lessons, folders or Markdown files; empty: every course and guide */
  readonly paths: readonly string[];
  /** where relative paths begin; default: the checkout */
  readonly from?: string;
  /** services that lessons may name; absent: not looked at */
  readonly services?: readonly KnownService[];
}
export interface LintReport {
  readonly pages: number;
  readonly errors: number;
  readonly warnings: number;
  readonly findings: readonly Finding[];
}

/** @throws Problem `not-found` for a path that is not there, `unavailable` without bash */
export function lint(options: LintOptions): Promise<LintReport> {
  return parsingOnce(() => lintOnce(options));
}

async function lintOnce(options: LintOptions): Promise<LintReport> {
  const root = resolve(options.root);
  const targets = await findTargets(root, options.paths, options.from ?? root);
  const read = await readAllCourses(root, targets, options.services);
  const pages = await Promise.all(
    targets.pages.map(async ({ kind, path }) =>
      readPage(kind, shown(root, path), path, await readFile(path, 'utf8')),
    ),
  );
  const scripts = await scriptsOf(read.courses);
  const site = await readSiteMap(root);
  const onPages = await Promise.all(
    pages.map((page) => pageFindings(page, site, scripts.get(page.path) ?? [])),
  );
  const cells = read.courses.flatMap(({ lessons }) =>
    lessons.map((lesson) => cellFindings(root, lesson, shown(root, join(lesson.folder, 'lesson.md')))),
  );
  const words = read.courses.map((course) => wordsOf(root, course, pages, scripts));
  const guides = await readGuides(root);
  const all = [
    ...read.findings,
    ...guides.mistakes.map((mistake) => formatFinding(root, root, mistake)),
    ...quieted(pages, [
      ...onPages.flat(),
      ...(await Promise.all(cells)).flat(),
      ...(await shellFindings(pages)),
    ]),
    ...words.flatMap(translationFindings),
  ];
  const within = targets.within.map((path) => shown(root, path));
  return reportOf(
    pages.length,
    all.filter(({ file }) => isWithin(file, within)),
  );
}

async function readAllCourses(
  root: string,
  { courses, shelves }: Targets,
  services: LintOptions['services'],
): Promise<{ courses: Course[]; findings: Finding[] }> {
  const given = services === undefined ? {} : { services };
  const fromShelves = await Promise.all(
    shelves.map(async (shelf) => ({ folder: shelf, ...(await readCourses(shelf, given)) })),
  );
  const alone = courses.filter((course) => !shelves.includes(dirname(course)));
  const fromAlone = await Promise.all(
    alone.map(async (folder) => {
      const { value, mistakes } = await readCourse(folder, services);
      return { folder: dirname(folder), courses: value === null ? [] : [value], mistakes };
    }),
  );
  const each = [...fromShelves, ...fromAlone];
  return {
    courses: each.flatMap(({ courses }) => courses),
    findings: each.flatMap(({ folder, mistakes }) =>
      mistakes.map((mistake) => formatFinding(root, folder, mistake)),
    ),
  };
}

const shown = (root: string, path: string) => relative(root, path).split(sep).join('/');
const isWithin = (file: string, within: readonly string[]) =>
  within.some((each) => each === '' || file === each || file.startsWith(`${each}/`));

/** @param folder that the mistake's file is named from */
function formatFinding(root: string, folder: string, mistake: Mistake): Finding {
  const { line, message, expected, received, read } = mistake;
  const file = shown(root, join(folder, mistake.file));
  return { rule: 'format', level: 'error', file, line, message, expected, received, read };
}

async function pageFindings(page: Page, site: SiteMap, scripts: readonly string[]): Promise<Finding[]> {
  const everywhere = [
    ...altFindings(page),
    ...headingFindings(page),
    ...languageFindings(page),
    ...draftFindings(page),
  ];
  const links = await linkFindings(page, site);
  if (page.kind === 'guide')
    return [...everywhere, ...links, ...machineFindings(page), ...placeholderFindings(page)];
  if (page.kind !== 'lesson') return [...everywhere, ...links];
  return [
    ...everywhere,
    ...links,
    ...machineFindings(page),
    ...placeholderFindings(page),
    ...stepFindings(page, scripts),
  ];
}

function quieted(pages: readonly Page[], findings: readonly Finding[]): Finding[] {
  const silences = new Map(pages.map((page) => [page.file, silencesOf(page)]));
  const left = findings.filter((each) => heard([each], silences.get(each.file)?.silences ?? []).length > 0);
  return [...left, ...[...silences.values()].flatMap((each) => each.findings)];
}

/** By a lesson's file: what its checks may call, the course's fixtures and its own `checks/`. */
async function scriptsOf(courses: readonly Course[]): Promise<Map<string, readonly string[]>> {
  const entries = courses.map(async (course) => {
    const fixtures = await textsBelow(join(course.folder, 'fixtures'));
    return Promise.all(
      course.lessons.map(
        async ({ folder }) =>
          [join(folder, 'lesson.md'), [...fixtures, ...(await textsBelow(join(folder, 'checks')))]] as const,
      ),
    );
  });
  return new Map((await Promise.all(entries)).flat());
}

async function textsBelow(folder: string): Promise<string[]> {
  const files = await filesBelow(folder);
  return Promise.all(files.map((file) => readFile(join(folder, file), 'utf8')));
}

function wordsOf(
  root: string,
  course: Course,
  pages: readonly Page[],
  scripts: ReadonlyMap<string, readonly string[]>,
) {
  return course.lessons.map((lesson: Lesson) => ({
    folder: shown(root, lesson.folder),
    twins: pages
      .filter((page) => page.kind === 'twin' && dirname(page.path) === lesson.folder)
      .map((page) => basename(page.path).split('.')[1] ?? ''),
    messages: lesson.messages,
    checks: lesson.steps.flatMap(({ checks }) =>
      checks.map(({ code, place }) => ({ code, line: place.line })),
    ),
    scripts: scripts.get(join(lesson.folder, 'lesson.md')) ?? [],
  }));
}

function reportOf(pages: number, all: readonly Finding[]): LintReport {
  const findings = inOrder(all);
  const count = (level: Finding['level']) => findings.filter((each) => each.level === level).length;
  return { pages, errors: count('error'), warnings: count('warning'), findings };
}
