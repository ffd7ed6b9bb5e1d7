/** One step: red, what a learner does, the solution, green. */
import type { Lesson, Step } from '../../contract/lesson.ts';
import { demandGreen } from '../replay/green.ts';
import { act, solve } from '../replay/step.ts';
import { besideSolution } from './beside-solution.ts';
import { demandRed, isContent } from './check-fence.ts';
import type { Learner } from './learner.ts';
import { tryWrongs } from './wrong-fence.ts';

export interface Proven {
  /** what the last check said */
  readonly message: string;
  /** what the page shows was enough: nothing has shown yet what the solution does, nor what is wrong */
  readonly idle: boolean;
}

/** @throws LessonFailure */
export async function proveStep(learner: Learner, lesson: Lesson, step: Step): Promise<Proven> {
  await learner.workshop.setUp(lesson, step.setup, step);
  await demandRed(learner, lesson, step);
  await act(learner, lesson, step.actions);
  const foreseen = step.solutions.length + step.wrongs.length > 0;
  const idle = foreseen && (await isContent(learner, lesson, step));
  if (!idle) await tryWrongs(learner, lesson, step);
  await solve(learner, lesson, step, step.solutions);
  return { message: await demandGreen(learner, lesson, step), idle };
}

/** The step as somebody does it who presses *Show solution*; before it, what is wrong. */
export async function solveStep(learner: Learner, lesson: Lesson, step: Step): Promise<string> {
  await learner.workshop.setUp(lesson, step.setup, step);
  const { before, after } = besideSolution(step);
  await act(learner, lesson, before);
  await tryWrongs(learner, lesson, step);
  await solve(learner, lesson, step, step.solutions);
  await act(learner, lesson, after);
  return demandGreen(learner, lesson, step);
}

/** Files and setup of a lesson: what its *Start* does. */
export async function openLesson(learner: Learner, lesson: Lesson): Promise<void> {
  await learner.belongings.give(lesson);
  await learner.workshop.giveFiles(lesson);
  await learner.workshop.setUp(lesson, lesson.setup);
}
