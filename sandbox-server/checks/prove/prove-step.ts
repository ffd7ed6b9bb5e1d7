/** One step: red, what a learner does, the solution, green. */
import type { Lesson, Step } from '../../contract/lesson.ts';
import { demandGreen, demandRed, isContent } from './check-fence.ts';
import { replayEdit } from './edit-fence.ts';
import { LessonFailure } from './failure.ts';
import type { Learner } from './learner.ts';
import { TIMEOUT } from '../script.ts';
import { replayRun } from './run-fence.ts';
import { runScript } from './script-fence.ts';
import { tryWrongs } from './wrong-fence.ts';

/** Shell solutions are typed here, so that `cd` and variables last as they do for a learner. */
const SOLUTION_TERMINAL = 'solution';

export interface Proven {
  /** what the last check said */
  readonly message: string;
  /** what the page shows was enough: nothing has shown yet what the solution does, nor what is wrong */
  readonly idle: boolean;
}

/** @throws LessonFailure */
export async function proveStep(learner: Learner, lesson: Lesson, step: Step): Promise<Proven> {
  await runScripts(learner, lesson, step.setup, step);
  await demandRed(learner, lesson, step);
  for (const action of step.actions) await replay(learner, lesson, action);
  const foreseen = step.solutions.length + step.wrongs.length > 0;
  const idle = foreseen && (await isContent(learner, lesson, step));
  if (!idle) await tryWrongs(learner, lesson, step);
  await solveAll(learner, lesson, step);
  return { message: await demandGreen(learner, lesson, step), idle };
}

/** The step as *Prepare this for me* does it: the same, without asking before. */
export async function replayStep(learner: Learner, lesson: Lesson, step: Step): Promise<string> {
  await runScripts(learner, lesson, step.setup, step);
  for (const action of step.actions) await replay(learner, lesson, action);
  await solveAll(learner, lesson, step);
  return demandGreen(learner, lesson, step);
}

/**
 * The step as somebody does it who presses *Show solution*: the solution in place of what it stands for. Where the
 * step edits files it stands for the edits, and the commands follow it; else for the commands, though programs that
 * stay are begun and stopped as the page says, unless the step has nothing else. Before it, what is wrong.
 */
export async function solveStep(learner: Learner, lesson: Lesson, step: Step): Promise<string> {
  await runScripts(learner, lesson, step.setup, step);
  const { before, after } = besideSolution(step);
  for (const action of before) await replay(learner, lesson, action);
  await tryWrongs(learner, lesson, step);
  await solveAll(learner, lesson, step);
  for (const action of after) await replay(learner, lesson, action);
  return demandGreen(learner, lesson, step);
}

type Actions = Step['actions'];
/** Pure. */
function besideSolution({ actions, solutions }: Step): { before: Actions; after: Actions } {
  if (solutions.length === 0) return { before: [], after: actions };
  const runs = actions.filter((action) => action.kind === 'run');
  if (actions.some((action) => action.kind === 'edit')) return { before: [], after: runs };
  const staying = runs.filter((run) => run.until !== undefined || run.stop !== undefined);
  return { before: staying.length < runs.length ? staying : [], after: [] };
}

async function solveAll(learner: Learner, lesson: Lesson, step: Step): Promise<void> {
  for (const solution of step.solutions) await solve(learner, lesson, step, solution);
}

async function replay(learner: Learner, lesson: Lesson, action: Step['actions'][number]): Promise<void> {
  if (action.kind === 'run') return replayRun(learner, lesson, action);
  if (action.kind === 'edit') return replayEdit(learner, action);
  throw new LessonFailure('Cells cannot be replayed yet.', { place: action.place });
}

async function solve(
  learner: Learner,
  lesson: Lesson,
  step: Step,
  solution: Step['solutions'][number],
): Promise<void> {
  if (solution.lang === 'python')
    return runScript(learner, lesson, { ...solution, timeout: TIMEOUT.solution }, step);
  return replayRun(learner, lesson, { ...solution, kind: 'run', fails: false, terminal: SOLUTION_TERMINAL });
}

async function runScripts(
  learner: Learner,
  lesson: Lesson,
  setups: Lesson['setup'],
  step?: Step,
): Promise<void> {
  for (const setup of setups) await runScript(learner, lesson, { ...setup, timeout: TIMEOUT.setup }, step);
}

/** Files and setup of a lesson: what its *Start* does. */
export async function openLesson(
  learner: Learner,
  lesson: Lesson,
  files: Parameters<Learner['agent']['give']>[0]['files'],
): Promise<void> {
  await learner.belongings.give(lesson);
  if (files.length > 0) await learner.agent.give({ files, overwrite: false });
  await runScripts(learner, lesson, lesson.setup);
}
