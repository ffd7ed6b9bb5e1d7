/** One `lesson.md` to a contract Lesson, or to every mistake in it. Pure: reads no file. */
import type { Lesson, Step } from '../contract/lesson.ts';
import type { CourseFile } from './front-matter.ts';
import { LessonFront } from './front-matter.ts';
import { isStep, readDocument } from './document.ts';
import type { LessonDocument, Section } from './document.ts';
import type { LessonFence } from './fences.ts';
import { misplaced, stepMistakes } from './lesson-rules.ts';
import { parseMarkdown, splitFrontMatter } from './markdown.ts';
import { READ } from './mistakes.ts';
import type { Mistake } from './mistakes.ts';
import { readYaml } from './yaml-file.ts';

/** What a lesson's text alone gives; its folder, hash, messages and translated reasons are the loader's. */
export type LessonText = Omit<Lesson, 'folder' | 'hash' | 'messages' | 'reasons'>;
export interface LessonSource {
  readonly course: string;
  readonly id: string;
  /** as mistakes name it */
  readonly file: string;
  readonly text: string;
  /** settings that the lesson inherits */
  readonly inherits: Pick<CourseFile, 'kit' | 'services'> & Partial<Pick<CourseFile, 'mask'>>;
}
export interface Parsed<T> {
  /** null where a mistake leaves nothing to go on with */
  readonly value: T | null;
  readonly mistakes: readonly Mistake[];
}

/** Never throws for anything an author can write. */
export function parseLesson(source: LessonSource): Parsed<LessonText> {
  const { yaml, markdown } = splitFrontMatter(source.text);
  const mistakes: Mistake[] = [];
  const report = (mistake: Mistake) => mistakes.push(mistake);
  const front = readYaml(
    { file: source.file, text: yaml ?? '', linesBefore: yaml === null ? 0 : 1, read: READ.front },
    LessonFront,
    report,
  );
  const { value, mistakes: inside } = lessonOf(
    source,
    front,
    readDocument(parseMarkdown(markdown), markdown, source.file),
  );
  return { value, mistakes: [...mistakes, ...inside] };
}

/** @param front null: it holds a mistake, and there is no lesson */
export function lessonOf(
  source: LessonSource,
  front: LessonFront | null,
  document: LessonDocument,
): Parsed<LessonText> {
  const steps = document.sections.filter(isStep).map(stepOf);
  const mistakes = [...document.mistakes, ...misplaced(document), ...stepMistakes(steps)];
  if (front === null) return { value: null, mistakes };
  return { value: { ...headOf(source, front), ...outsideSteps(document), steps }, mistakes };
}

function headOf(
  source: LessonSource,
  front: LessonFront,
): Omit<LessonText, 'setup' | 'ready' | 'cleanup' | 'steps'> {
  const { title, minutes, questions, objectives, keypoints, leaves, needs, mask } = front;
  const kit = needs.kit ?? source.inherits.kit;
  const services = needs.services ?? [...source.inherits.services];
  return {
    course: source.course,
    id: source.id,
    title,
    minutes,
    questions,
    objectives,
    keypoints,
    leaves,
    needs: { ...needs, kit, services },
    mask: [...(source.inherits.mask ?? []), ...mask],
  };
}

type Kind<K extends LessonFence['kind']> = Extract<LessonFence, { kind: K }>;
const of = <K extends LessonFence['kind']>(fences: readonly LessonFence[], ...kinds: K[]): Kind<K>[] =>
  fences.filter((fence): fence is Kind<K> => (kinds as string[]).includes(fence.kind));

function stepOf(section: Section): Step {
  const { id, title, place, fences, hints, questions } = section;
  return {
    id,
    title,
    place,
    hints,
    questions,
    setup: of(fences, 'setup'),
    actions: of(withOutputs(fences), 'run', 'edit', 'cell'),
    checks: of(fences, 'check'),
    solutions: of(fences, 'solution'),
    wrongs: of(fences, 'wrong'),
    undos: of(fences, 'undo'),
  };
}

/** A `text output` block belongs to the run right before it. */
export function withOutputs(fences: readonly LessonFence[]): LessonFence[] {
  return fences.map((fence, index) => {
    const next = fences[index + 1];
    if (fence.kind !== 'run' || next?.kind !== 'output') return fence;
    return { ...fence, output: { text: next.code, place: next.place } };
  });
}

function outsideSteps(document: LessonDocument): Pick<LessonText, 'setup' | 'ready' | 'cleanup'> {
  const all = document.sections.flatMap((section) => section.fences);
  return {
    setup: of(document.sections[0]?.fences ?? [], 'setup'),
    ready: of(all, 'ready'),
    cleanup: of(all, 'cleanup'),
  };
}
