/** One step: red, what a learner does, the solution, green. */
import type { Lesson, Step } from '../../contract/lesson.ts';
import { demandGreen, demandRed } from './check-fence.ts';
import { replayEdit } from './edit-fence.ts';
import { LessonFailure } from './failure.ts';
import type { Learner, Script } from './learner.ts';
import { LONGEST_COMMAND, replayRun } from './run-fence.ts';

/** For a setup or an undo, seconds; the same as the server allows. */
const SETUP_TIMEOUT = 120;

/** @returns what the last check said. @throws LessonFailure */
export async function proveStep(learner: Learner, lesson: Lesson, step: Step): Promise<string> {
  await runScripts(learner, lesson, step.setup, SETUP_TIMEOUT);
  await demandRed(learner, lesson, step);
  for (const action of step.actions) await replay(learner, lesson, action);
  await runScripts(learner, lesson, step.solutions, LONGEST_COMMAND);
  return demandGreen(learner, lesson, step);
}

async function replay(learner: Learner, lesson: Lesson, action: Step['actions'][number]): Promise<void> {
  if (action.kind === 'run') return replayRun(learner, lesson, action);
  if (action.kind === 'edit') return replayEdit(learner, action);
  throw new LessonFailure('Cells cannot be replayed yet.', { place: action.place });
}

/** Setups and solutions must end well: what they leave half done would be blamed on the learner. */
export async function runScripts(
  learner: Learner,
  lesson: Lesson,
  scripts: readonly Omit<Script, 'timeout'>[],
  timeout: number,
): Promise<void> {
  for (const script of scripts) {
    const { exit, stdout, stderr, timedOut } = await learner.run(lesson, { ...script, timeout });
    const how = timedOut ? `ran longer than ${timeout} s` : `ended with exit status ${exit}`;
    if (exit !== 0)
      throw new LessonFailure(`This script ${how}.`, {
        place: script.place,
        command: script.code,
        output: stdout + stderr,
      });
  }
}

/** Files and setup of a lesson: what its *Start* does. */
export async function openLesson(
  learner: Learner,
  lesson: Lesson,
  files: Parameters<Learner['agent']['give']>[0]['files'],
): Promise<void> {
  if (files.length > 0) await learner.agent.give({ files, overwrite: false });
  await runScripts(learner, lesson, lesson.setup, SETUP_TIMEOUT);
}

/** What *Prepare this for me* does: the lesson's solutions alone, in order. Facts its checks state are learnt. */
export async function replaySolutions(learner: Learner, lesson: Lesson): Promise<void> {
  for (const step of lesson.steps) {
    await runScripts(learner, lesson, step.setup, SETUP_TIMEOUT);
    await runScripts(learner, lesson, step.solutions, LONGEST_COMMAND);
    for (const check of step.checks.filter(({ code }) => /\bfact\s/.test(code)))
      await demandGreen(learner, lesson, { ...step, checks: [check] });
  }
}
