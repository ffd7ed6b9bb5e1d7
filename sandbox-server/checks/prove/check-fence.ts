/** A step's checks, run as the server runs them: red before the step, red for what is wrong. */
import type { CheckFence, Lesson, Step, WrongFence } from '../../contract/lesson.ts';
import { LessonFailure } from '../lesson-failure.ts';
import { afterWaiting, look } from '../replay/green.ts';
import type { Verdict } from '../verdict.ts';
import type { Learner } from './learner.ts';

/** @throws LessonFailure where a check is content with nothing, or waits for what nobody has started */
export async function demandRed(learner: Learner, lesson: Lesson, step: Step): Promise<void> {
  for (const check of step.checks) {
    const told = await look(learner, lesson, step, check);
    const wrong = wrongBefore(told, check, onlyWaits(step));
    if (wrong !== null) throw new LessonFailure(wrong, { place: check.place, output: told.message });
  }
}

/** Whether the step is done, or will be by waiting. */
export async function isContent(learner: Learner, lesson: Lesson, step: Step): Promise<boolean> {
  for (const check of step.checks)
    if ((await look(learner, lesson, step, check)).state === 'not-done') return false;
  return true;
}

/** @throws LessonFailure where the checks are content with what is wrong, or do not name its hint */
export async function demandWrong(
  learner: Learner,
  lesson: Lesson,
  step: Step,
  { hint, place, code }: WrongFence,
): Promise<void> {
  const told = await firstRed(learner, lesson, step);
  if (told === null)
    throw new LessonFailure('The checks are content with this, which is wrong.', { place, command: code });
  if (hint !== undefined && !told.hints.includes(hint))
    throw new LessonFailure(`After this the check does not name the hint ${hint}.`, {
      place,
      command: code,
      output: told.message,
    });
}

/** What the first check says that is not content; one that waits may come to it. @returns null where all are content */
export async function firstRed(learner: Learner, lesson: Lesson, step: Step): Promise<Verdict | null> {
  for (const check of step.checks) {
    const told = await afterWaiting(learner, lesson, step, check);
    if (told.state !== 'done') return told;
  }
  return null;
}

/** A step in which nothing is done but to wait for what an earlier one began. */
const onlyWaits = (step: Step): boolean => step.actions.length === 0 && step.solutions.length === 0;

function wrongBefore({ state }: Verdict, check: CheckFence, waits: boolean): string | null {
  if (check.already !== undefined)
    return state === 'done' ? null : 'This check says `already`, but it is not content before its step.';
  if (state === 'done') return 'This check is content before its step was done: it cannot fail.';
  return state === 'not-yet' && !waits
    ? 'This check says *not yet* before anything was done: it should say *not done*.'
    : null;
}
