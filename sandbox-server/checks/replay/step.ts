/**
 * A step done as its learner would do it: set up, its commands typed and its edits saved, its solution replayed, then
 * its checks asked, which also state the facts that later steps speak of.
 */
import type { Lesson, Step } from '../../contract/lesson.ts';
import { TIMEOUT } from '../script.ts';
import { replayCell } from './cell-fence.ts';
import { replayEdit } from './edit-fence.ts';
import { demandGreen } from './green.ts';
import type { Player } from './player.ts';
import { replayRun } from './run-fence.ts';

export type Action = Step['actions'][number];
export type Solution = Step['solutions'][number];

/** @returns what its last check said. @throws LessonFailure */
export async function replayStep(player: Player, lesson: Lesson, step: Step): Promise<string> {
  await player.workshop.setUp(lesson, step.setup, step);
  await act(player, lesson, step.actions);
  await solve(player, lesson, step, step.solutions);
  return demandGreen(player, lesson, step);
}

export async function act(player: Player, lesson: Lesson, actions: readonly Action[]): Promise<void> {
  for (const action of actions) {
    if (action.kind === 'run') await replayRun(player, lesson, action);
    else if (action.kind === 'edit') await replayEdit(player, action);
    else await replayCell(player, lesson, action);
  }
}

export async function solve(
  player: Player,
  lesson: Lesson,
  step: Step,
  solutions: readonly Solution[],
): Promise<void> {
  for (const solution of solutions) {
    if (solution.lang === 'python')
      await player.workshop.mustRun('solution', lesson, [solution], TIMEOUT.solution, step);
    else {
      const terminal = player.terminals.solutions;
      await replayRun(player, lesson, { ...solution, kind: 'run', fails: false, terminal });
    }
  }
}
