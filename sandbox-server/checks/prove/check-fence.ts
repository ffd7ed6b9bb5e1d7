/** A step's checks, run as the server runs them: red before the step, green after it. */
import { setTimeout as wait } from 'node:timers/promises';
import type { CheckFence, Lesson, Step, WrongFence } from '../../contract/lesson.ts';
import { verdict } from '../verdict.ts';
import type { Verdict } from '../verdict.ts';
import { LessonFailure } from './failure.ts';
import type { Learner } from './learner.ts';

/** One run of one check; facts it states are known from then on. */
async function look(learner: Learner, lesson: Lesson, step: Step, check: CheckFence): Promise<Verdict> {
  const result = await learner.run(lesson, check, step);
  const told = verdict(result, check, lesson.messages);
  if (told.state === 'error')
    throw new LessonFailure(told.message, { place: check.place, output: result.stdout + result.stderr });
  learner.learn(told.facts);
  return told;
}

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
async function firstRed(learner: Learner, lesson: Lesson, step: Step): Promise<Verdict | null> {
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

/** @returns the last check's sentence. @throws LessonFailure with the sentence of the first that is not content */
export async function demandGreen(learner: Learner, lesson: Lesson, step: Step): Promise<string> {
  let sentence = '';
  for (const check of step.checks) sentence = await untilGreen(learner, lesson, step, check);
  return sentence;
}

async function untilGreen(learner: Learner, lesson: Lesson, step: Step, check: CheckFence): Promise<string> {
  const told = await afterWaiting(learner, lesson, step, check);
  if (told.state === 'done') return told.message;
  const how =
    told.state === 'not-yet'
      ? `This check still waits after ${check.waits ?? 0} s.`
      : 'This check is not content after its step.';
  throw new LessonFailure(how, { place: check.place, output: told.message });
}

/** What a check says once it says no longer *not yet*, or when it has waited as long as it may. */
async function afterWaiting(
  learner: Learner,
  lesson: Lesson,
  step: Step,
  check: CheckFence,
): Promise<Verdict> {
  const until = Date.now() + (check.waits ?? 0) * 1000;
  for (;;) {
    const told = await look(learner, lesson, step, check);
    if (told.state !== 'not-yet' || Date.now() > until) return told;
    await wait(check.every * 1000);
  }
}
