/** A translated lesson has the same steps and the same commands; only its words differ. */
import { readDocument } from './document.ts';
import type { Genre, LessonDocument, Section } from './document.ts';
import type { LessonFence } from './fences.ts';
import { TwinFront } from './front-matter.ts';
import { parseMarkdown, splitFrontMatter } from './markdown.ts';
import { READ } from './mistakes.ts';
import type { Mistake } from './mistakes.ts';
import { readYaml } from './yaml-file.ts';

export interface Twin {
  /** every difference that would make the two pages teach different labs */
  readonly mistakes: readonly Mistake[];
  /** why each choice of each question is as it is, by the question's id, which is its number on either page */
  readonly reasons: Readonly<Record<string, (string | null)[]>>;
}

/** @param file the twin's, as its mistakes name it */
export function readTwin(english: string, twin: string, file: string, genre: Genre = 'lesson'): Twin {
  const mistakes: Mistake[] = [];
  const { yaml, markdown } = splitFrontMatter(twin);
  // what stands at a guide's head is the site's
  if (genre === 'lesson')
    readYaml(
      { file, text: yaml ?? '', linesBefore: yaml === null ? 0 : 1, read: READ.folders },
      TwinFront,
      (mistake) => mistakes.push(mistake),
    );
  const ours = readDocument(parseMarkdown(markdown), markdown, file, 0, genre);
  const theirs = readEnglish(english, genre);
  const differences = [
    ...strangers(ours),
    ...stepDifferences(theirs, ours, file),
    ...fenceDifferences(theirs, ours, file),
  ];
  return { mistakes: [...mistakes, ...ours.mistakes, ...differences], reasons: reasonsOf(ours) };
}

function reasonsOf({ sections }: LessonDocument): Twin['reasons'] {
  const questions = sections.flatMap((section) => section.questions);
  return Object.fromEntries(questions.map(({ id, choices }) => [id, choices.map(({ why }) => why ?? null)]));
}

function readEnglish(text: string, genre: Genre): LessonDocument {
  const { markdown } = splitFrontMatter(text);
  return readDocument(parseMarkdown(markdown), markdown, 'lesson.md', 0, genre);
}

const SHARED: ReadonlySet<string> = new Set(['run', 'edit', 'cell', 'example', 'output']);
const fencesOf = (document: LessonDocument) => document.sections.flatMap((section) => section.fences);
const sharedOf = (document: LessonDocument) => fencesOf(document).filter((fence) => SHARED.has(fence.kind));

function strangers(ours: LessonDocument): Mistake[] {
  return fencesOf(ours)
    .filter((fence) => !SHARED.has(fence.kind))
    .map((fence) => ({
      ...fence.place,
      message: 'A translation has no checks of its own.',
      expected: 'text, run and edit blocks',
      received: fence.kind,
      read: READ.folders,
    }));
}

/** Sections are matched by their order, so a translated page finds its steps without naming them. */
function stepDifferences(english: LessonDocument, ours: LessonDocument, file: string): Mistake[] {
  const [theirs, mine] = [english.sections.map(shape), ours.sections.map(shape)];
  const at = Array.from({ length: Math.max(theirs.length, mine.length) }).findIndex(
    (_, index) => theirs[index] !== mine[index],
  );
  if (at === -1) return [];
  const line = ours.sections[at]?.place.line ?? 1;
  return [
    {
      file,
      line,
      message: 'A translation has the sections, hints and questions of the English lesson.',
      expected: theirs[at] ?? 'no further ##',
      received: mine[at] ?? 'no such ##',
      read: READ.folders,
    },
  ];
}

function shape(section: Section, index: number): string {
  const questions = section.questions.map((question) => `${question.kind} ${marks(question)}`.trim());
  return `section ${index}, hints ${section.hints.map((hint) => hint.id).join(' ') || 'none'}, questions ${questions.join(' ') || 'none'}`;
}

/** The server judges by the English lesson: choices stand in the same order on each page. */
const marks = ({ choices }: Section['questions'][number]) =>
  choices.map(({ right }) => (right ? '[x]' : '[ ]')).join('');

function fenceDifferences(english: LessonDocument, ours: LessonDocument, file: string): Mistake[] {
  const [theirs, mine] = [sharedOf(english), sharedOf(ours)];
  const at = Array.from({ length: Math.max(theirs.length, mine.length) }).findIndex(
    (_, index) => bare(theirs[index]) !== bare(mine[index]),
  );
  if (at === -1) return [];
  const [expected, received] = [theirs[at], mine[at]];
  return [
    {
      file,
      line: received?.place.line ?? 1,
      message: 'A command or its output differs from the English lesson.',
      expected: expected?.code ?? 'no further block',
      received: received?.code ?? 'no such block',
      read: READ.folders,
    },
  ];
}

/** All that a fence does, without where it stands. */
const bare = (fence: LessonFence | undefined) =>
  fence === undefined ? '' : JSON.stringify({ ...fence, place: null });
