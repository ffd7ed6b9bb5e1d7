/** What a step is at, as values: what it still lacks, which one is open, what a verdict makes of it. Pure. */
import type { Hint, Lesson, Step } from '../contract/lesson.ts';
import type { StepProgress } from '../contract/progress.ts';
import { printable } from '../telemetry/index.ts';
import type { Verdict } from './verdict.ts';
import { WORDS, type Words } from './words.ts';

type HintShown = StepProgress['hints'][number];
export type Known = (step: string) => StepProgress;
/** a check that was asked for; an action of the step or another command ended; a file changed; a waiting step's turn */
export type Cause = 'asked' | 'action' | 'command' | 'files' | 'turn';
/** What is noted in `acted` for a step that is only read, and for a solution that was shown. */
export const READ = 'read';
export const SOLUTION = 'solution';

export const isOver = (state: StepProgress['state']): boolean => state === 'done' || state === 'skipped';
const mayWait = (state: StepProgress['state']): boolean => isOver(state) || state === 'waiting';

/** The first step that is neither over nor waiting: waiting never locks the next. */
export function openStep(lesson: Lesson, known: Known): Step | undefined {
  return lesson.steps.find((step) => !mayWait(known(step.id).state));
}
/** Whose checks run by themselves. */
export function stepsToCheck(lesson: Lesson, known: Known): Step[] {
  const open = openStep(lesson, known);
  return lesson.steps.filter((step) => step === open || known(step.id).state === 'waiting');
}
/** Done by acting alone: no check, no question. */
export function onlyActs(step: Step): boolean {
  return step.checks.length === 0 && step.questions.length === 0;
}
/** Without checks: done once all it asks for was done, or it was read. With only questions: once all are answered. */
export function actedEnough(step: Step, acted: readonly string[]): boolean {
  const answered = step.questions.every((question) => acted.includes(question.id));
  if (!onlyActs(step)) return answered;
  return (
    acted.includes(READ) ||
    (step.actions.length > 0 && step.actions.every((action) => acted.includes(action.id)))
  );
}
/** Something of the step was performed: from now on a failing check may speak up by itself. */
export function performed(step: Step, progress: StepProgress): boolean {
  return (
    progress.state !== 'todo' ||
    progress.acted.some(
      (id) => step.actions.some((action) => action.id === id) || step.questions.some((q) => q.id === id),
    )
  );
}

export interface Judged extends Verdict {
  /** seconds a waiting step may take in all */
  readonly waits: number;
}

/**
 * What the step is after its checks said so; null: nothing to write down.
 * A check that fails by itself says nothing before the learner did anything in the step.
 */
export function afterVerdict(
  step: Step,
  before: StepProgress,
  said: Judged,
  cause: Cause,
  now: number,
  words: Words = WORDS.en,
): StepProgress | null {
  switch (said.state) {
    case 'done':
      return afterDone(step, before, said, cause, words);
    case 'not-yet':
      return waitingOn(step, before, said, now, words);
    case 'not-done':
      return afterFailure(step, before, said, cause);
    case 'error':
      return afterError(before, said, cause, words);
  }
}

function afterDone(
  step: Step,
  before: StepProgress,
  said: Judged,
  cause: Cause,
  words: Words,
): StepProgress | null {
  const next = settled(before);
  if (actedEnough(step, before.acted)) return { ...next, state: 'done', message: said.message, hints: [] };
  const message = printable(`${said.message} ${words.questionLeft}`);
  if (cause === 'asked' || before.state === 'not-done') return { ...next, state: 'not-done', message };
  return { ...next, state: 'todo', message };
}

function afterFailure(step: Step, before: StepProgress, said: Judged, cause: Cause): StepProgress | null {
  if (cause !== 'asked' && cause !== 'action' && !performed(step, before)) return null;
  const tries = before.tries + (cause === 'asked' || cause === 'action' ? 1 : 0);
  const hints = hintsNow(step, before.hints, { named: said.hints, tries });
  return { ...settled(before), state: 'not-done', message: said.message, tries, hints };
}

function waitingOn(step: Step, before: StepProgress, said: Judged, now: number, words: Words): StepProgress {
  const since = before.state === 'waiting' ? (before.waiting?.since ?? now) : now;
  const seconds = (now - since) / 1000;
  const longer = seconds > said.waits;
  const message = longer ? printable(`${words.longer} ${said.message}`) : said.message;
  const hints = hintsNow(step, before.hints, { named: said.hints, seconds });
  const progress = said.progress ? { progress: { ...said.progress } } : {};
  return {
    ...settled(before),
    state: 'waiting',
    message,
    hints,
    waiting: { since, atMost: said.waits, longer, ...progress },
  };
}

/** The check's own fault: a learner who asked is told so; nobody's step turns red for it by itself, and waiting goes on. */
function afterError(before: StepProgress, said: Judged, cause: Cause, words: Words): StepProgress | null {
  if (cause !== 'asked') return null;
  const message = printable(words.notJudged(said.message));
  return before.state === 'waiting'
    ? { ...before, message }
    : { ...settled(before), state: 'not-done', message };
}

/** Hints once shown stay; new ones are named by a check, come after so many tries, or after so long waiting. */
export function hintsNow(
  step: Pick<Step, 'hints'>,
  shown: readonly HintShown[],
  due: { named?: readonly string[]; tries?: number; seconds?: number },
): HintShown[] {
  const isDue = (hint: Hint): boolean =>
    due.named?.includes(hint.id) === true ||
    (hint.afterTries !== undefined && (due.tries ?? 0) >= hint.afterTries) ||
    (hint.afterSeconds !== undefined && (due.seconds ?? 0) >= hint.afterSeconds);
  const fresh = step.hints.filter((hint) => isDue(hint) && !shown.some((s) => s.id === hint.id));
  return [...shown, ...fresh.map(({ id, title, text }) => ({ id, title, text }))];
}

/** Without what belongs to waiting. */
function settled(progress: StepProgress): StepProgress {
  const { waiting: _over, ...rest } = progress;
  return rest;
}
