/** `palestra new course|lesson` and `palestra schema`: asks what it is not told, and says what comes next. */
import { readdir } from 'node:fs/promises';
import { join, relative, resolve } from 'node:path';
import { isCancel, select, text } from '@clack/prompts';
import { nameFrom, newCourse, newLesson, SCHEMA_FOLDER, writeSchemas } from '../authoring/index.ts';
import type { Made } from '../authoring/index.ts';
import { Problem } from '../contract/errors.ts';
import { Slug } from '../contract/names.ts';
import { ROOT } from './settings.ts';

export interface NewOptions {
  readonly title?: string;
  readonly kit?: string;
  readonly course?: string;
  readonly yes?: boolean;
}

export async function makeNew(what: string, name: string | undefined, options: NewOptions): Promise<void> {
  if (what !== 'course' && what !== 'lesson')
    throw new Problem('bad-request', `palestra new makes a course or a lesson, not "${what}".`);
  const ask = options.yes !== true && process.stdin.isTTY;
  tell(await (what === 'course' ? course(name, options, ask) : lesson(name, options, ask)));
}

async function course(name: string | undefined, options: NewOptions, ask: boolean): Promise<Made> {
  const title = await titleFor('course', name, options, ask);
  const id = name ?? (await nameFor(nameFrom(title), ask));
  return newCourse({ root: ROOT, name: id, title, kit: options.kit ?? (ask ? await kitFor() : 'base') });
}

async function lesson(name: string | undefined, options: NewOptions, ask: boolean): Promise<Made> {
  const inside = options.course ?? (ask ? await courseFor() : undefined);
  if (inside === undefined)
    throw new Problem('bad-request', 'Say which course the lesson is for: --course NAME.');
  const title = await titleFor('lesson', name, options, ask);
  return newLesson({
    root: ROOT,
    course: inside,
    name: name ?? (await nameFor(nameFrom(title), ask)),
    title,
  });
}

async function titleFor(
  what: string,
  name: string | undefined,
  { title }: NewOptions,
  ask: boolean,
): Promise<string> {
  if (title !== undefined) return title;
  const proposed = name === undefined ? '' : spoken(name);
  if (ask) {
    const message = `What is the ${what} called, as readers see it?`;
    return answered(
      await text({
        message,
        initialValue: proposed,
        validate: (said) => (said?.trim() ? undefined : 'A title, please.'),
      }),
    );
  }
  if (proposed !== '') return proposed;
  throw new Problem('bad-request', `Name the ${what}: npx palestra new ${what} NAME --title "TITLE".`);
}

const spoken = (name: string) => {
  const words = name.replace(/^\d+-/, '').replaceAll('-', ' ');
  return words.charAt(0).toUpperCase() + words.slice(1);
};

async function nameFor(proposed: string, ask: boolean): Promise<string> {
  if (!ask) return proposed;
  const validate = (said: string | undefined) =>
    Slug.safeParse(said).success ? undefined : 'Lower-case letters, digits and single hyphens.';
  return answered(await text({ message: 'And its folder?', initialValue: proposed, validate }));
}

async function kitFor(): Promise<string> {
  const found = await foldersOf(join(ROOT, 'infra/kits'));
  const kits = ['base', ...found.filter((each) => each !== 'base')];
  return answered(
    await select({ message: 'Which kit?', options: kits.map((value) => ({ value, label: value })) }),
  );
}

async function courseFor(): Promise<string> {
  const courses = await foldersOf(join(ROOT, 'courses'));
  return answered(
    await select({ message: 'In which course?', options: courses.map((value) => ({ value, label: value })) }),
  );
}

async function foldersOf(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { withFileTypes: true });
  return entries.filter((entry) => entry.isDirectory()).map((entry) => entry.name);
}

function answered(answer: string | symbol): string {
  if (!isCancel(answer)) return answer as string;
  throw new Problem('bad-request', 'Stopped; nothing was written.');
}

function tell({ id, files }: Made): void {
  const made = files.map((file) => `  ${file}`).join('\n');
  process.stdout.write(`Written:\n${made}\n\nNext:\n  npx palestra prove ${id}\n  npm run dev\n`);
}

/** @param folder for the schemas; default: the checkout's own */
export async function schema(folder: string | undefined): Promise<void> {
  const files = await writeSchemas(folder === undefined ? join(ROOT, SCHEMA_FOLDER) : resolve(folder));
  process.stdout.write(files.map((file) => `${relative(process.cwd(), file)}\n`).join(''));
}
