/** One course's folder to a contract Course, or to every mistake in it. */
import { readdir, readFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import type { Course, Lesson } from '../contract/lesson.ts';
import { Slug } from '../contract/names.ts';
import { afterMistakes, folderMistakes } from './course.ts';
import { CourseFile, Messages } from './front-matter.ts';
import { GUIDES } from './guides.ts';
import { fileMistakes, hashOf, readFolder } from './lesson-files.ts';
import { parseLesson } from './lesson.ts';
import type { Parsed } from './lesson.ts';
import { READ } from './mistakes.ts';
import type { Mistake } from './mistakes.ts';
import { serviceMistakes, type KnownService } from './service-rules.ts';
import { readTwin, type Twin } from './twin.ts';
import { readYaml } from './yaml-file.ts';

/** `/courses/COURSE/print/` */
const PRINTED = 'print';

/** @param folder absolute; its name is the course's id. @param services that lessons may name; absent: not looked at */
export async function readCourse(
  folder: string,
  services?: readonly KnownService[],
): Promise<Parsed<Course>> {
  const id = basename(folder);
  const mistakes: Mistake[] = [];
  const report = (mistake: Mistake) => mistakes.push(mistake);
  if (!Slug.safeParse(id).success) report(nameMistake(id));
  if (id === GUIDES) report(takenMistake(id, 'the guides that are proven'));
  const settings = await readSettings(folder, report);
  mistakes.push(...(await fileMistakes(join(folder, 'fixtures'), `${id}/fixtures`)));
  if (settings === null) return { value: null, mistakes };
  const folders = await lessonFolders(folder);
  mistakes.push(...folderMistakes(`${id}/course.yaml`, settings.lessons, folders));
  const listed = [...new Set(settings.lessons)].filter((lesson) => folders.includes(lesson));
  const lessons = await Promise.all(listed.map((lesson) => readLesson(folder, lesson, settings, report)));
  const whole = lessons.filter((lesson) => lesson !== null);
  if (whole.length === listed.length)
    mistakes.push(...afterMistakes(whole, (lesson) => `${id}/${lesson}/lesson.md`));
  if (services !== undefined)
    mistakes.push(...serviceMistakes(whole, services, (lesson) => `${id}/${lesson}/lesson.md`));
  return { value: { ...settings, id, lessons: whole, folder }, mistakes };
}

async function readSettings(folder: string, report: (mistake: Mistake) => void): Promise<CourseFile | null> {
  const file = `${basename(folder)}/course.yaml`;
  const text = await readFile(join(folder, 'course.yaml'), 'utf8');
  return readYaml({ file, text, linesBefore: 0, read: READ.folders }, CourseFile, report);
}

async function lessonFolders(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { withFileTypes: true });
  const names = entries.filter((entry) => entry.isDirectory()).map((entry) => entry.name);
  const inside = await Promise.all(names.map((name) => readdir(join(folder, name))));
  return names.filter((_, index) => inside[index]?.includes('lesson.md') === true).sort();
}

async function readLesson(
  folder: string,
  id: string,
  settings: CourseFile,
  report: (mistake: Mistake) => void,
): Promise<Lesson | null> {
  const course = basename(folder);
  const here = join(folder, id);
  if (!Slug.safeParse(id).success) report(nameMistake(id));
  if (id === PRINTED) report(takenMistake(`${course}/${id}`, 'the page of a whole course for print'));
  const text = await readFile(join(here, 'lesson.md'), 'utf8');
  const parsed = parseLesson({ course, id, file: `${course}/${id}/lesson.md`, text, inherits: settings });
  const names = await readdir(here);
  const files = await Promise.all(
    ['files', 'checks'].map((name) => fileMistakes(join(here, name), `${course}/${id}/${name}`)),
  );
  const messages = await readMessages(here, names, `${course}/${id}`, report);
  const twins = await readTwins(here, names, `${course}/${id}`, text);
  const wrong = twins.flatMap(({ mistakes }) => mistakes);
  [...parsed.mistakes, ...files.flat(), ...wrong].forEach(report);
  const reasons = Object.fromEntries(twins.map((twin) => [twin.language, twin.reasons]));
  return (
    parsed.value && {
      ...parsed.value,
      messages,
      reasons,
      folder: here,
      hash: await lessonHash(folder, here, text),
    }
  );
}

async function lessonHash(course: string, lesson: string, text: string): Promise<string> {
  const [files, checks, fixtures] = await Promise.all([
    readFolder(join(lesson, 'files')),
    readFolder(join(lesson, 'checks')),
    readFolder(join(course, 'fixtures')),
  ]);
  return hashOf(text, { files, checks, fixtures });
}

/** `messages.it.yaml` → what checks say in Italian; `messages.yaml` holds the English. */
async function readMessages(
  folder: string,
  names: readonly string[],
  label: string,
  report: (mistake: Mistake) => void,
): Promise<LessonMessages> {
  const found = names.flatMap((name) => {
    const language = /^messages(?:\.([a-z]{2}))?\.yaml$/.exec(name);
    return language === null ? [] : [[name, language[1] ?? 'en'] as const];
  });
  const all = await Promise.all(
    found.map(async ([name, language]) => {
      const text = await readFile(join(folder, name), 'utf8');
      const messages = readYaml(
        { file: `${label}/${name}`, text, linesBefore: 0, read: READ.folders },
        Messages,
        report,
      );
      return [language, messages ?? {}] as const;
    }),
  );
  return byMessage(all);
}

/** By message, then by language: a check names a message, a learner has a language. */
function byMessage(all: readonly (readonly [string, Record<string, string>])[]): LessonMessages {
  const messages: LessonMessages = {};
  for (const [language, sentences] of all)
    for (const [id, sentence] of Object.entries(sentences))
      messages[id] = { ...messages[id], [language]: sentence };
  return messages;
}
type LessonMessages = Lesson['messages'];

async function readTwins(
  folder: string,
  names: readonly string[],
  label: string,
  english: string,
): Promise<(Twin & { readonly language: string })[]> {
  const languages = names.flatMap((name) => /^lesson\.([a-z]{2})\.md$/.exec(name)?.[1] ?? []);
  return Promise.all(
    languages.map(async (language) => {
      const name = `lesson.${language}.md`;
      const text = await readFile(join(folder, name), 'utf8');
      return { language, ...readTwin(english, text, `${label}/${name}`) };
    }),
  );
}

const nameMistake = (name: string): Mistake => ({
  file: name,
  line: 1,
  message: 'This folder cannot name a course or a lesson.',
  expected: 'lower-case letters, digits and single hyphens, at most 60 characters',
  received: name,
  read: READ.folders,
});

const takenMistake = (name: string, by: string): Mistake => ({
  file: name,
  line: 1,
  message: 'The site has a page of this name already.',
  expected: `a name other than that of ${by}`,
  received: name,
  read: READ.folders,
});
