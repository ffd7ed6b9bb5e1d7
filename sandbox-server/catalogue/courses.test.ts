/** The courses of this repository: they parse, and their pages hold nothing that only the server may know. */
import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { createMarkdownProcessor } from '@astrojs/markdown-remark';
import remarkDirective from 'remark-directive';
import { describe, expect, it } from 'vitest';
import type { Lesson } from '../contract/lesson.ts';
import { loadCatalogue } from './load.ts';
import { splitFrontMatter } from './markdown.ts';
import { lessonPage } from './page.ts';

const root = resolve(import.meta.dirname, '../../courses');
const catalogue = await loadCatalogue(root);
const lessons = catalogue.courses.flatMap((course) => course.lessons);

async function pageOf(lesson: Lesson): Promise<string> {
  const file = join(lesson.folder, 'lesson.md');
  const processor = await createMarkdownProcessor({
    remarkPlugins: [[lessonPage as never, { courses: root }], remarkDirective as never],
    syntaxHighlight: false,
  });
  const { markdown } = splitFrontMatter(readFileSync(file, 'utf8'));
  return (await processor.render(markdown, { fileURL: pathToFileURL(file) })).code;
}

/** Lines long enough to be nobody else's, of everything that stays on the server. */
function secretLines(lesson: Lesson): string[] {
  const hidden = lesson.steps.flatMap((step) => [
    ...step.setup,
    ...step.checks,
    ...step.solutions,
    ...step.wrongs,
    ...step.undos,
  ]);
  const shown = lesson.steps
    .flatMap((step) =>
      step.actions.map((action) => `${action.kind === 'edit' ? (action.at ?? '') : ''}\n${action.code}`),
    )
    .join('\n');
  const hints = lesson.steps.flatMap((step) => step.hints.map((hint) => hint.text)).join('\n');
  const secret = [...lesson.setup, ...hidden].flatMap(({ code }) => lines(code));
  const reasons = lesson.steps.flatMap((step) =>
    step.questions.flatMap((question) => question.choices.map((choice) => choice.why ?? '')),
  );
  return [...secret, ...reasons].filter(
    (line) => line.length > 24 && !shown.includes(line) && !hints.includes(line),
  );
}
const lines = (code: string) => code.split('\n').map((line) => line.trim());

describe('the courses of this repository', () => {
  it('are there', () => {
    expect(catalogue.courses.map(({ id, lessons: all }) => [id, all.length])).toEqual(
      expect.arrayContaining([
        ['dask', 6],
        ['first-steps', 1],
      ]),
    );
  });

  it.each(lessons.map((lesson) => [`${lesson.course}/${lesson.id}`, lesson] as const))(
    '%s keeps its checks and solutions to itself',
    async (_, lesson) => {
      const html = decoded(await pageOf(lesson));
      const secrets = secretLines(lesson);
      expect(secrets.length).toBeGreaterThan(10);
      expect(secrets.filter((line) => html.includes(line))).toEqual([]);
      expect(html.match(/data-step="[^"]*"/g)).toEqual(lesson.steps.map((step) => `data-step="${step.id}"`));
      for (const action of lesson.steps.flatMap((step) => step.actions))
        expect(html).toContain(`data-action="${action.id}"`);
    },
  );

  it.each(lessons.map((lesson) => [`${lesson.course}/${lesson.id}`, lesson] as const))(
    '%s says what it teaches',
    (_, lesson) => {
      for (const list of [lesson.questions, lesson.objectives, lesson.keypoints])
        expect(list.length).toBeGreaterThan(0);
    },
  );
});

const decoded = (html: string) =>
  html
    .replace(/&#x([0-9A-Fa-f]+);/g, (_, code: string) => String.fromCodePoint(Number.parseInt(code, 16)))
    .replaceAll('&lt;', '<')
    .replaceAll('&gt;', '>')
    .replaceAll('&quot;', '"')
    .replaceAll('&amp;', '&');
