/** `palestra new`: a course or a lesson as files. Never overwrites anything. */
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join, relative } from 'node:path';
import { parseDocument, isSeq } from 'yaml';
import { Problem } from '../../contract/errors.ts';
import { Slug } from '../../contract/names.ts';
import { stepId } from '../../catalogue/step-id.ts';
import { schemaLine } from '../schema/schema.ts';
import { courseText, lessonText } from './texts.ts';

export interface NewCourse {
  /** the checkout */
  readonly root: string;
  readonly name: string;
  readonly title: string;
  readonly kit: string;
}
export interface NewLesson {
  readonly root: string;
  readonly course: string;
  /** with or without its number */
  readonly name: string;
  readonly title: string;
}
export interface Made {
  /** `course` or `course/lesson`, as `palestra prove` takes it */
  readonly id: string;
  /** relative to the checkout */
  readonly files: readonly string[];
}

/** A folder's name from a title: at most 50 characters, so that a number fits before it. */
export const nameFrom = (title: string) => stepId(title).slice(0, 50).replace(/-+$/, '');

/** @throws Problem `bad-request` for a name that is none, `conflict` where something stands already */
export async function newCourse({ root, name, title, kit }: NewCourse): Promise<Made> {
  slugOr(name, 'A course');
  slugOr(kit, 'A kit');
  const folder = join(root, 'courses', name);
  const lesson = '1-first';
  const files = {
    [join(folder, 'course.yaml')]: courseText({
      title,
      kit,
      lesson,
      schema: schemaLine(root, folder, 'course'),
    }),
    [join(folder, lesson, 'lesson.md')]: lessonFor(root, join(folder, lesson), 'A first lesson'),
  };
  await freshFolder(folder, `courses/${name}`);
  await writeNew(files);
  return { id: name, files: Object.keys(files).map((file) => relative(root, file)) };
}

/** Adds the lesson at the end of its course. @throws Problem as newCourse does, `not-found` where there is no course */
export async function newLesson({ root, course, name, title }: NewLesson): Promise<Made> {
  slugOr(name, 'A lesson');
  const settings = join(root, 'courses', course, 'course.yaml');
  const text = await courseYaml(settings, course);
  const { id, yaml } = withLesson(text, name, `courses/${course}/course.yaml`);
  slugOr(id, 'A lesson');
  const folder = join(root, 'courses', course, id);
  const file = join(folder, 'lesson.md');
  await freshFolder(folder, `courses/${course}/${id}`);
  await writeNew({ [file]: lessonFor(root, folder, title) });
  await writeFile(settings, yaml);
  return { id: `${course}/${id}`, files: [relative(root, file), relative(root, settings)] };
}

function lessonFor(root: string, folder: string, title: string): string {
  const home = (folder.split('/').at(-1) ?? '').replace(/^\d+-/, '');
  return lessonText({ title, folder: home, schema: schemaLine(root, folder, 'lesson') });
}

/** The course's settings with one lesson more, comments and all; a name without a number gets the next. Pure. */
export function withLesson(text: string, name: string, file: string): { id: string; yaml: string } {
  const document = parseDocument(text);
  const lessons = document.get('lessons');
  if (document.errors.length > 0 || !isSeq(lessons))
    throw new Problem(
      'bad-request',
      `${file} has no list of lessons that can be read. Mend it first: npx palestra lint.`,
    );
  const known = lessons.toJSON();
  const id = /^\d+-/.test(name) ? name : `${known.length + 1}-${name}`;
  if (known.includes(id))
    throw new Problem('conflict', `${file} lists a lesson ${id} already. Take another name.`);
  lessons.add(id);
  return { id, yaml: document.toString({ lineWidth: 0, flowCollectionPadding: false }) };
}

async function courseYaml(file: string, course: string): Promise<string> {
  return readFile(file, 'utf8').catch((cause: NodeJS.ErrnoException) => {
    if (cause.code !== 'ENOENT') throw cause;
    throw new Problem(
      'not-found',
      `There is no course ${course}. Make it first: npx palestra new course ${course}.`,
    );
  });
}

function slugOr(name: string, what: string): void {
  if (Slug.safeParse(name).success) return;
  throw new Problem(
    'bad-request',
    `${what} cannot be called "${name}": lower-case letters, digits and single hyphens, at most 60 characters.`,
  );
}

/** Made by this call, or refused: mkdir without `recursive` decides a race too. */
export async function freshFolder(folder: string, shown: string): Promise<void> {
  await mkdir(dirname(folder), { recursive: true });
  await mkdir(folder).catch((cause: NodeJS.ErrnoException) => {
    if (cause.code !== 'EEXIST') throw cause;
    throw new Problem('conflict', `${shown} is there already; nothing was written. Take another name.`);
  });
}

async function writeNew(files: Readonly<Record<string, string>>): Promise<void> {
  for (const [file, text] of Object.entries(files)) {
    await mkdir(dirname(file), { recursive: true });
    await writeFile(file, text, { flag: 'wx' });
  }
}
