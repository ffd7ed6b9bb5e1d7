/** One step: red, what a learner does, the solution, green. */
import type { Lesson, Step } from '../../contract/lesson.ts';
import { demandGreen, demandRed } from './check-fence.ts';
import { replayEdit } from './edit-fence.ts';
import { LessonFailure } from './failure.ts';
import type { Learner, Script } from './learner.ts';
import { TIMEOUT } from '../script.ts';
import { replayRun } from './run-fence.ts';

/** Shell solutions are typed here, so that `cd` and variables last as they do for a learner. */
const SOLUTION_TERMINAL = 'solution';

/** @returns what the last check said. @throws LessonFailure */
export async function proveStep(learner: Learner, lesson: Lesson, step: Step): Promise<string> {
  await runScripts(learner, lesson, step.setup, step);
  await demandRed(learner, lesson, step);
  return doStep(learner, lesson, step);
}

/** The step as *Prepare this for me* does it: the same, without asking before. */
export async function replayStep(learner: Learner, lesson: Lesson, step: Step): Promise<string> {
  await runScripts(learner, lesson, step.setup, step);
  return doStep(learner, lesson, step);
}

async function doStep(learner: Learner, lesson: Lesson, step: Step): Promise<string> {
  for (const action of step.actions) await replay(learner, lesson, action);
  for (const solution of step.solutions) await solve(learner, lesson, step, solution);
  return demandGreen(learner, lesson, step);
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

/** A script that ends badly leaves something half done, which would be blamed on the learner. */
async function runScript(learner: Learner, lesson: Lesson, script: Script, step?: Step): Promise<void> {
  const { exit, stdout, stderr, timedOut } = await learner.run(lesson, script, step);
  const how = timedOut ? `ran longer than ${script.timeout} s` : `ended with exit status ${exit}`;
  if (exit !== 0)
    throw new LessonFailure(`This script ${how}.`, {
      place: script.place,
      command: script.code,
      output: stdout + stderr,
    });
}

/** Files and setup of a lesson: what its *Start* does. */
export async function openLesson(
  learner: Learner,
  lesson: Lesson,
  files: Parameters<Learner['agent']['give']>[0]['files'],
): Promise<void> {
  if (files.length > 0) await learner.agent.give({ files, overwrite: false });
  await runScripts(learner, lesson, lesson.setup);
}
