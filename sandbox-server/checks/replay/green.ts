/** A step's checks after it was done: all of them content, those that wait in their time. */
import { setTimeout as wait } from 'node:timers/promises';
import type { CheckFence, Lesson, Step } from '../../contract/lesson.ts';
import { LessonFailure } from '../lesson-failure.ts';
import type { Verdict } from '../verdict.ts';
import type { Player } from './player.ts';

/** seconds between two looks at a check that settles */
const SETTLE_EVERY = 1;

/** One run of one check. @throws LessonFailure where the check itself is at fault */
export async function look(
  { workshop }: Player,
  lesson: Lesson,
  step: Step,
  check: CheckFence,
): Promise<Verdict> {
  const told = await workshop.look(lesson, step, check);
  if (told.state === 'error') throw new LessonFailure(told.message, { place: check.place });
  return told;
}

/** @returns the last check's sentence. @throws LessonFailure with the sentence of the first that is not content */
export async function demandGreen(player: Player, lesson: Lesson, step: Step): Promise<string> {
  let sentence = '';
  for (const check of step.checks) sentence = await untilGreen(player, lesson, step, check);
  return sentence;
}

async function untilGreen(player: Player, lesson: Lesson, step: Step, check: CheckFence): Promise<string> {
  const told = await afterWaiting(player, lesson, step, check, player.patience.settle);
  if (told.state === 'done') return told.message;
  const how =
    told.state === 'not-yet'
      ? `This check still waits after ${check.waits ?? 0} s.`
      : 'This check is not content after its step.';
  throw new LessonFailure(how, { place: check.place, output: told.message });
}

/** What a check says once it says no longer *not yet*, or when it has waited as long as it may. */
export async function afterWaiting(
  player: Player,
  lesson: Lesson,
  step: Step,
  check: CheckFence,
  settle = 0,
): Promise<Verdict> {
  const began = Date.now();
  const mayTake = { 'not-yet': check.waits ?? 0, 'not-done': settle, done: 0, error: 0 };
  for (;;) {
    const told = await look(player, lesson, step, check);
    if (told.state === 'done' || Date.now() - began >= mayTake[told.state] * 1000) return told;
    await wait((told.state === 'not-yet' ? check.every : SETTLE_EVERY) * 1000);
  }
}
