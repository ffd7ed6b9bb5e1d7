/** The files of the built site, read as an attacker or a link checker would. */
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { beforeAll, describe, expect, it } from 'vitest';
import { courseLinkedData } from '../../sandbox-server/catalogue/linked-data.ts';
import { loadCatalogue } from '../../sandbox-server/catalogue/load.ts';
import type { Lesson } from '../../sandbox-server/contract/lesson.ts';
import { builtSite } from './static-site.ts';

const courses = join(import.meta.dirname, '../../courses');
let dist: string;
let files: readonly { path: string; text: string }[];
let lessons: readonly Lesson[];

beforeAll(async () => {
  dist = await builtSite();
  files = readdirSync(dist, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && !/\.(br|gz|woff2|png)$/.test(entry.name))
    .map((entry) => join(entry.parentPath, entry.name))
    .map((path) => ({ path: path.slice(dist.length), text: textOf(path) }));
  lessons = (await loadCatalogue(courses)).courses.flatMap((course) => course.lessons);
});

/** Pagefind's fragments and index are gzipped: what is hidden must not be searchable either. */
function textOf(path: string): string {
  const bytes = readFileSync(path);
  return (bytes[0] === 0x1f && bytes[1] === 0x8b ? gunzipSync(bytes) : bytes).toString('utf8');
}

/** HTML as a reader sees it: a highlighter puts elements inside lines, and a line may be split anywhere. */
function plain(text: string): string {
  return text
    .replace(/<[^>]*>/g, '')
    .replace(/&(lt|gt|amp|quot|#x27|#39|#x3C|#x26);/g, (_, name: string) => entities[name] ?? '')
    .replace(/\s+/g, '');
}
const entities: Readonly<Record<string, string>> = {
  lt: '<',
  '#x3C': '<',
  gt: '>',
  amp: '&',
  '#x26': '&',
  quot: '"',
  '#x27': "'",
  '#39': "'",
};

describe('what an author hides', () => {
  it('is there to be looked for', () => {
    expect(lessons.length).toBeGreaterThan(1);
    expect(lessons.flatMap(secrets).length).toBeGreaterThan(20);
  });
  it('no line of a check, solution, setup, undo or wrong reaches a static file, nor the search', () => {
    const found: string[] = [];
    const haystacks = files.map(({ path, text }) => ({
      path,
      raw: text.replace(/\s+/g, ''),
      shown: plain(text),
    }));
    for (const lesson of lessons)
      for (const secret of secrets(lesson))
        for (const { path, raw, shown } of haystacks)
          if (raw.includes(secret) || shown.includes(secret))
            found.push(`${lesson.course}/${lesson.id}: ${secret} in ${path}`);
    expect(found).toEqual([]);
  });
  it('no page says which choice is right, or why one is wrong', () => {
    const questions = lessons.flatMap((lesson) => lesson.steps.flatMap((step) => step.questions));
    expect(questions.length).toBeGreaterThan(0);
    const whys = questions.flatMap(({ choices }) =>
      choices.flatMap(({ why }) => (why === undefined ? [] : [squeezed(why)])),
    );
    expect(
      files
        .filter(({ text }) => whys.some((why) => why.length > 12 && plain(text).includes(why)))
        .map(({ path }) => path),
    ).toEqual([]);
    for (const { path, text } of files.filter(({ path }) => path.endsWith('.html')))
      expect(text, path).not.toMatch(/<input[^>]*\b(checked|data-right)\b/);
  });
});

/** What a program imports gives nothing away, and cells of other lessons import the same. */
const IMPORT = /^(from[\w.]+)?import[\w.,]+$/;
/** Lines long enough to be told apart from prose, and not shown on the page as well (a solution may repeat a run fence). */
function secrets(lesson: Lesson): string[] {
  const hidden = lesson.steps.flatMap((step) => [
    ...step.checks,
    ...step.solutions,
    ...step.setup,
    ...step.undos,
    ...step.wrongs,
  ]);
  const lines = [...lesson.setup, ...lesson.ready, ...lesson.cleanup, ...hidden].flatMap(({ code }) =>
    code.split('\n'),
  );
  const open = squeezed(shownSource(lesson));
  return [...new Set(lines.map(squeezed))].filter(
    (line) => line.length > 16 && !IMPORT.test(line) && !open.includes(line),
  );
}

/** The lesson's own Markdown without its hidden fences, and the files it gives. */
function shownSource(lesson: Lesson): string {
  const markdown = readFileSync(join(lesson.folder, 'lesson.md'), 'utf8');
  return markdown.replace(
    /^(`{3,})\S+ (check|solution|setup|undo|wrong|answer|ready|cleanup)\b[^]*?^\1$/gm,
    '',
  );
}
const squeezed = (text: string): string => text.replace(/\s+/g, '');

describe('a course on paper', () => {
  it('is one page with every lesson, without navigation, script or field to search', () => {
    const pages = files.filter(({ path }) => /^\/courses\/[^/]+\/print\/index\.html$/.test(path));
    expect(pages.length).toBeGreaterThan(1);
    for (const { path, text } of pages) {
      const own = lessons.filter(({ course }) => path === `/courses/${course}/print/index.html`);
      expect([...text.matchAll(/<article id="([^"]+)"/g)].map(([, id]) => id)).toEqual(
        own.map(({ id }) => id),
      );
      expect(
        own.flatMap(({ steps }) => steps).filter(({ id }) => !text.includes(`data-step="${id}"`)),
      ).toEqual([]);
      expect(text, path).not.toMatch(/<script|<nav|type="search"/);
    }
  });
});

describe('a course’s page', () => {
  it('carries the course in the words of schema.org', async () => {
    const { courses: all } = await loadCatalogue(courses);
    for (const course of all) {
      const page = files.find(({ path }) => path === `/courses/${course.id}/index.html`);
      const [, data] = /<script type="application\/ld\+json">([^<]+)<\/script>/.exec(page?.text ?? '') ?? [];
      expect(JSON.parse(data ?? '')).toEqual(courseLinkedData(course));
    }
  });
});

describe('links', () => {
  it('all lead to a file of the site, and to a heading that is there', () => {
    const pages = new Map(
      files.filter(({ path }) => path.endsWith('.html')).map(({ path, text }) => [path, text]),
    );
    const known = new Set(files.map(({ path }) => path));
    const broken = [...pages].flatMap(([page, text]) =>
      [...text.matchAll(/\s(?:href|src)="([^"]+)"/g)]
        .map(([, link]) => new URL(link ?? '', `http://site${page}`))
        .filter(({ host, pathname }) => host === 'site' && !/^\/(api|auth)\//.test(pathname))
        .filter((url) => !leadsSomewhere(url, known, pages))
        .map((url) => `${page} → ${url.pathname}${url.hash}`),
    );
    expect(pages.size).toBeGreaterThan(15);
    expect([...new Set(broken)]).toEqual([]);
  });
});

function leadsSomewhere(
  { pathname, hash }: URL,
  known: ReadonlySet<string>,
  pages: ReadonlyMap<string, string>,
): boolean {
  const file = pathname.endsWith('/') ? `${pathname}index.html` : decodeURIComponent(pathname);
  if (!known.has(file) && !/\.(woff2|png)$/.test(file)) return false;
  return hash === '' || (pages.get(file)?.includes(`id="${decodeURIComponent(hash.slice(1))}"`) ?? false);
}

describe('weight', () => {
  it('of a lesson page before Start: its HTML, styles and scripts are below 30 kB compressed, and no font is preloaded', async () => {
    const { gzipSync } = await import('node:zlib');
    const page = files.find(({ path }) => /^\/courses\/first-steps\/[^/]+\/index\.html$/.test(path));
    const linked = [...(page?.text ?? '').matchAll(/(?:href|src)="(\/_astro\/[^"]+\.(?:css|js))"/g)].map(
      ([, path]) => path,
    );
    expect(linked.length).toBeGreaterThan(2);
    const texts = [
      page?.text ?? '',
      ...files.filter(({ path }) => linked.includes(path)).map(({ text }) => text),
    ];
    expect(texts.reduce((sum, text) => sum + gzipSync(text).length, 0)).toBeLessThan(30_000);
    expect(page?.text).not.toMatch(/rel="?(preload|modulepreload)/);
  });
});
