/** Rules between the parts of one lesson. Pure. */
import type { Place, Step } from '../contract/lesson.ts';
import { StepId } from '../contract/names.ts';
import { CHOICE_WANTED, NO_CHOICE } from './containers.ts';
import { isStep } from './document.ts';
import type { LessonDocument, Section } from './document.ts';
import type { LessonFence } from './fences.ts';
import { READ } from './mistakes.ts';
import type { Mistake } from './mistakes.ts';

const ANYWHERE: ReadonlySet<string> = new Set(['ready', 'cleanup', 'example']);
/** Kinds that mean something inside a container alone. */
const INSIDE: Readonly<Record<string, string>> = { answer: 'inside a :::question', when: 'inside a :::hint' };

/** Fences, hints and questions where nothing would ever use them. */
export function misplaced(document: LessonDocument): Mistake[] {
  return [
    ...document.sections.flatMap(isOutside),
    ...document.sections.flatMap(outsideContainer),
    ...strayOutputs(document),
  ];
}

function isOutside(section: Section): Mistake[] {
  if (isStep(section)) return [];
  const allowed = (kind: string) =>
    ANYWHERE.has(kind) || kind in INSIDE || (section.heading === null && kind === 'setup');
  const fences: Stray[] = section.fences.filter((fence) => !allowed(fence.kind));
  const hints: Stray[] = section.hints.map(({ place }) => ({ kind: 'hint', place }));
  const questions: Stray[] = section.questions.map(({ place }) => ({ kind: 'question', place }));
  return [...fences, ...hints, ...questions].map(({ kind, place }) => ({
    ...place,
    message: `This ${kind} belongs to no step.`,
    expected: 'a `##` section with a run, edit, cell, check or question',
    received: section.title || 'the text before the first ##',
    read: READ.steps,
  }));
}
interface Stray {
  readonly kind: string;
  readonly place: Place;
}

function outsideContainer(section: Section): Mistake[] {
  return section.fences
    .filter(({ kind }) => kind in INSIDE)
    .map(({ kind, place }) => ({
      ...place,
      message: `This ${kind} stands alone.`,
      expected: INSIDE[kind] ?? '',
      received: kind,
      read: READ.containers,
    }));
}

function strayOutputs(document: LessonDocument): Mistake[] {
  const stray = document.sections
    .filter(isStep)
    .flatMap(({ fences }) =>
      fences.filter((fence, index) => fence.kind === 'output' && !endsByItself(fences[index - 1])),
    );
  return stray.map((fence) => ({
    ...fence.place,
    message: 'This output follows no run that ends by itself.',
    expected: '`text output` right after the run it shows, which has neither until nor stop',
    received: 'output',
    read: READ.fences,
  }));
}

function endsByItself(fence: LessonFence | undefined): boolean {
  return fence?.kind === 'run' && fence.until === undefined && fence.stop === undefined;
}

export function stepMistakes(steps: readonly Step[]): Mistake[] {
  return [
    ...idMistakes(steps),
    ...steps.flatMap(hintMistakes),
    ...steps.flatMap(questionMistakes),
    ...steps.flatMap(waitMistakes),
  ];
}

function idMistakes(steps: readonly Step[]): Mistake[] {
  const seen = new Map<string, number>();
  return steps.flatMap(({ id, title, place }) => {
    const first = seen.get(id);
    seen.set(id, first ?? place.line);
    const say = (message: string, expected: string, received: string) => [
      { ...place, message, expected, received, read: READ.steps },
    ];
    if (!StepId.safeParse(id).success)
      return say(
        'This heading gives no step id.',
        'letters or digits in the heading, or <!-- step: id --> under it',
        id === '' ? title : id,
      );
    return first === undefined
      ? []
      : say(
          'Two steps have one id.',
          'headings that differ, or <!-- step: id --> under one',
          `${id}, as on line ${first}`,
        );
  });
}

function hintMistakes(step: Step): Mistake[] {
  const ids = step.hints.map((hint) => hint.id);
  const twice = step.hints.filter((hint, index) => ids.indexOf(hint.id) !== index);
  const unknown = step.wrongs.filter((wrong) => wrong.hint !== undefined && !ids.includes(wrong.hint));
  return [
    ...twice.map(({ id, place }) => ({
      ...place,
      message: 'Two hints of a step have one id.',
      expected: 'ids that differ',
      received: id,
      read: READ.containers,
    })),
    ...unknown.map(({ hint, place }) => ({
      ...place,
      message: 'This wrong names a hint that the step does not have.',
      expected: ids.length > 0 ? ids.join(', ') : 'a :::hint in this step',
      received: hint ?? '',
      read: READ.fences,
    })),
  ];
}

/** A translation may leave the answer to this page; this page may leave it to nobody. */
function questionMistakes(step: Step): Mistake[] {
  return step.questions
    .filter(({ kind, answer }) => kind === 'answer' && answer === undefined)
    .map(({ place }) => ({
      ...place,
      message: NO_CHOICE,
      expected: CHOICE_WANTED,
      received: '0 of them',
      read: READ.containers,
    }));
}

/** A solution that waits for itself: waiting needs a check, undoing something to undo. */
function waitMistakes(step: Step): Mistake[] {
  if (step.checks.length > 0) return [];
  const idle = [...step.solutions, ...step.wrongs];
  return idle.map(({ kind, place }) => ({
    ...place,
    message: `This ${kind} is in a step without a check.`,
    expected: 'a check in the same step',
    received: kind,
    read: READ.steps,
  }));
}
