/** `palestra import` as a function: what a path holds, as a lesson of a course. Never overwrites anything. */
import { existsSync, statSync } from 'node:fs';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { basename, dirname, join, relative, resolve } from 'node:path';
import { stringify } from 'yaml';
import { parseLesson } from '../../catalogue/lesson.ts';
import { Problem } from '../../contract/errors.ts';
import { freshFolder, nameFrom, withLesson } from '../scaffold/scaffold.ts';
import { courseText } from '../scaffold/texts.ts';
import { schemaLine } from '../schema/schema.ts';
import type { Draft, Left } from './draft.ts';
import { fromKillercoda } from './killercoda.ts';
import { fromNotebook } from './notebook.ts';
import { fromPage } from './page.ts';

/** More is data, not text: it would hang the parser before it helped anybody. */
const LARGEST = 20 * 1024 * 1024;

export interface ImportOptions {
  /** the checkout */
  readonly root: string;
  /** absolute */
  readonly path: string;
  /** the course's name; default: from the title */
  readonly course?: string;
  readonly kit?: string;
}
export interface Imported {
  /** `course/lesson` */
  readonly id: string;
  readonly kind: Kind;
  /** relative to the checkout */
  readonly files: readonly string[];
  readonly left: readonly Left[];
}
export type Kind = 'notebook' | 'killercoda' | 'page';

/** @throws Problem that names the file, the line and what to do */
export async function importInto({ root, path, course, kit }: ImportOptions): Promise<Imported> {
  const { kind, file } = kindOf(path);
  const text = await readFile(file, 'utf8');
  const draft = await draftOf(kind, text, file);
  const into = course ?? (nameFrom(draft.title) || 'imported');
  const settings = join(root, 'courses', into, 'course.yaml');
  const { id, yaml } = await placed(
    root,
    settings,
    draft,
    kind === 'notebook' ? (kit ?? 'dask') : (kit ?? 'base'),
  );
  const folder = join(root, 'courses', into, id);
  await freshFolder(folder, `courses/${into}/${id}`);
  const lesson = lessonText(draft, schemaLine(root, folder, 'lesson'));
  const written = await write(folder, lesson, draft);
  await writeFile(settings, yaml);
  const left = [...draft.left, ...mistakesIn(lesson, into, id)];
  return {
    id: `${into}/${id}`,
    kind,
    files: [...written, settings].map((each) => relative(root, each)),
    left,
  };
}

/** @throws Problem `not-found`, or `unsupported` with what can be taken */
function kindOf(path: string): { kind: Kind; file: string } {
  if (!existsSync(path)) throw new Problem('not-found', `There is no ${path} to import.`);
  const file = statSync(path).isDirectory() ? join(path, 'index.json') : path;
  const kind =
    basename(file) === 'index.json'
      ? 'killercoda'
      : file.endsWith('.ipynb')
        ? 'notebook'
        : /\.(?:md|Rmd|markdown)$/.test(file)
          ? 'page'
          : null;
  if (kind === null || !existsSync(file))
    throw new Problem(
      'unsupported',
      `${path} is nothing that can be imported: name a notebook (.ipynb), a page (.md) or the folder of a Killercoda scenario (with its index.json).`,
    );
  const { size } = statSync(file);
  if (size <= LARGEST) return { kind, file };
  throw new Problem(
    'too-large',
    `${file}:1: ${Math.round(size / 1024 ** 2)} MiB are too many, at most 20 can be imported. Clear a notebook's outputs first: jupyter nbconvert --clear-output --inplace.`,
  );
}

/** Where pictures may come from: the folder of the page, or that above it (`../fig/`). */
async function draftOf(kind: Kind, text: string, file: string): Promise<Draft> {
  const shown = relative(process.cwd(), file).startsWith('..')
    ? basename(file)
    : relative(process.cwd(), file);
  const here = dirname(resolve(file));
  if (kind === 'killercoda') return fromKillercoda(text, shown, resolve(file));
  if (kind === 'notebook') return fromNotebook(text, shown, resolve(file), here);
  return fromPage(text, shown, resolve(file), dirname(here) === '/' ? here : dirname(here));
}

async function placed(
  root: string,
  settings: string,
  { title }: Draft,
  kit: string,
): Promise<{ id: string; yaml: string }> {
  const name = nameFrom(title) || 'imported';
  if (existsSync(settings))
    return withLesson(await readFile(settings, 'utf8'), name, relative(root, settings));
  const id = `1-${name}`;
  const schema = schemaLine(root, dirname(settings), 'course');
  return { id, yaml: courseText({ title, kit, lesson: id, schema }) };
}

function lessonText(
  { title, minutes, questions, objectives, keypoints, body }: Draft,
  schema: string,
): string {
  const front = stringify({ title, minutes, questions, objectives, keypoints }, { lineWidth: 0 });
  return `---\n${schema}\n${front}---\n\n${body}`;
}

async function write(folder: string, lesson: string, { files }: Draft): Promise<string[]> {
  const all = [{ path: 'lesson.md', content: lesson }, ...files];
  for (const { path, content } of all) {
    await mkdir(dirname(join(folder, path)), { recursive: true });
    await writeFile(join(folder, path), content, { flag: 'wx' });
  }
  return all.map(({ path }) => join(folder, path));
}

/** What the format does not allow is no reason to give nothing: it is listed, to be mended there. */
function mistakesIn(text: string, course: string, id: string): Left[] {
  const file = `courses/${course}/${id}/lesson.md`;
  const { mistakes } = parseLesson({ course, id, file, text, inherits: { kit: 'base', services: [] } });
  return mistakes.map(({ line, message, expected, received }) => ({
    file,
    line,
    what: `${message} (${received.slice(0, 80)})`,
    now: `to be mended: ${expected}`,
  }));
}
