/** `palestra take-home`: a lesson, and those it comes after, as files that need Python, bash and nothing of ours. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { lessonsBefore } from '../../catalogue/course.ts';
import type { Catalogue } from '../../catalogue/face.ts';
import { Problem } from '../../contract/errors.ts';
import type { Course, Lesson } from '../../contract/lesson.ts';
import type { TakenFile } from './archive.ts';
import { forHome, kitFiles, type TakenKit } from './kit.ts';
import { solutionFiles, takenLesson } from './manifest.ts';
import { lessonPageFor } from './page.ts';
import { readme } from './readme.ts';

export interface TakeHomeOptions {
  readonly catalogue: Pick<Catalogue, 'filesFor' | 'fixturesFor'>;
  readonly course: Course;
  readonly lesson: Lesson;
  readonly kit: TakenKit;
  readonly solutions: boolean;
  /** the checkout */
  readonly root: string;
}

/** @throws Problem `unsupported` for a lesson that needs what no archive can bring */
export async function takeHome(options: TakeHomeOptions): Promise<TakenFile[]> {
  const { course, lesson, kit, solutions } = options;
  const lessons = [...lessonsBefore(lesson.id, course.lessons), lesson];
  refuse(lessons, kit.name);
  const taken = lessons.map(takenLesson);
  const table = { env: envOf(kit), lessons: taken.map(({ entry }) => entry) };
  return [
    { path: 'README.md', content: readme({ course, lessons, kit, solutions }) },
    ...(await Promise.all(lessons.map((each) => pageFile(options, each)))),
    ...(await programs()),
    { path: 'inside/lessons.json', content: `${JSON.stringify(table, null, 2)}\n` },
    ...taken.flatMap(({ scripts }) => scripts),
    ...(await Promise.all(lessons.map((each) => givenFiles(options, each)))).flat(),
    ...kitFiles(kit),
    ...(solutions ? lessons.flatMap(solutionFiles) : []),
  ];
}

const envOf = ({ env }: TakenKit): Record<string, string> =>
  Object.fromEntries(Object.entries(env).map(([name, value]) => [name, forHome(value)]));

function refuse(lessons: readonly Lesson[], kit: string): void {
  for (const { course, id, needs } of lessons) {
    const lacks = [
      ...needs.services,
      ...(needs.cluster ? ['a cluster'] : []),
      ...(needs.tokens.length > 0 ? ['tokens'] : []),
    ];
    if (lacks.length > 0)
      throw new Problem(
        'unsupported',
        `${course}/${id} needs ${lacks.join(', ')}, which no archive can bring. To read it elsewhere: npx palestra print ${course}`,
      );
    if (needs.kit !== kit)
      throw new Problem(
        'unsupported',
        `${course}/${id} is for the kit ${needs.kit}, the lesson after it for ${kit}; one archive holds one kit.`,
      );
  }
}

async function pageFile({ course, solutions, root }: TakeHomeOptions, lesson: Lesson): Promise<TakenFile> {
  return { path: `${lesson.id}.html`, content: await lessonPageFor({ course, lesson, solutions, root }) };
}

const PROGRAMS = [
  { path: 'start', from: 'start.sh' },
  { path: 'check', from: 'check.py' },
  { path: 'inside/lesson.py', from: 'lesson.py' },
  { path: 'inside/bashrc', from: 'bashrc' },
];

const programs = (): Promise<TakenFile[]> =>
  Promise.all(
    PROGRAMS.map(async ({ path, from }) => ({
      path,
      content: await readFile(join(import.meta.dirname, 'inside', from)),
      executable: !path.includes('/'),
    })),
  );

/** What the learner gets, and what checks source: the blanks in them are filled when they run. */
async function givenFiles({ catalogue }: TakeHomeOptions, lesson: Lesson): Promise<TakenFile[]> {
  const folders = { files: await catalogue.filesFor(lesson), fixtures: await catalogue.fixturesFor(lesson) };
  return Object.entries(folders).flatMap(([folder, files]) =>
    files.map(({ path, content, executable }) => ({
      path: `inside/lessons/${lesson.id}/${folder}/${path}`,
      content: Buffer.from(content, 'base64'),
      executable,
    })),
  );
}
