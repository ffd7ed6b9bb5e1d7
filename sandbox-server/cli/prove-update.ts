/** `palestra prove --update`: outputs that differ written into the lessons, and the lines that no longer hold. */
import { readFile, writeFile } from 'node:fs/promises';
import { relative } from 'node:path';
import type { Catalogue } from '../catalogue/face.ts';
import { GUIDES, guideTexts } from '../catalogue/guides.ts';
import { textsOf } from '../catalogue/lesson-files.ts';
import { withNewOutputs } from '../catalogue/new-outputs.ts';
import type { ProveReport } from '../checks/prove/index.ts';

type LessonReport = ProveReport['lessons'][number];

/** @param root the checkout. @returns what an author is told, line by line */
export async function proposeOutputs(
  root: string,
  catalogue: Pick<Catalogue, 'lesson'>,
  { lessons }: ProveReport,
): Promise<string[]> {
  const written: string[] = [];
  for (const lesson of lessons) written.push(...(await writeOutputs(root, catalogue, lesson)));
  return [
    ...lessons.flatMap(({ outputs = [] }) => outputs.map(({ place }) => `${at(place)}  new output`)),
    ...lessons.flatMap(broken),
    ...summary(written.map((file) => relative(root, file))),
  ];
}

/** In every language: what a command prints is the same there. @returns the files that changed */
async function writeOutputs(
  root: string,
  catalogue: Pick<Catalogue, 'lesson'>,
  { id, outputs = [] }: LessonReport,
): Promise<string[]> {
  const [course = '', name = ''] = id.split('/');
  const lesson = catalogue.lesson(course, name);
  if (lesson === undefined || outputs.length === 0) return [];
  const byRun = new Map(outputs.map(({ run, text }) => [run, text]));
  const genre = course === GUIDES ? 'guide' : 'lesson';
  const files = genre === 'guide' ? await guideTexts(root, name) : await textsOf(lesson);
  for (const file of files) await writeFile(file, withNewOutputs(await readFile(file, 'utf8'), byRun, genre));
  return [...files];
}

function broken({ steps }: LessonReport): string[] {
  return steps.flatMap(({ place, message = '' }) =>
    place === undefined ? [] : [`${at(place)}  no longer holds: ${message.split('\n')[0] ?? ''}`],
  );
}

const at = ({ file, line }: { file: string; line: number }): string => `${file}:${line}`;

function summary(files: readonly string[]): string[] {
  if (files.length === 0) return ['Every output that was seen is as the lessons show it.'];
  return [
    'Written:',
    ...files.map((file) => `  ${file}`),
    'Look at the difference (git diff), then prove once more without --update: what varies from run to run needs a mask.',
  ];
}
