/**
 * Ways of being wrong, as the author foresaw them: the check stays red and names the hint, and *Reset step* mends it.
 * They are tried in the home of the proof, one after the other, so each `undo` is proven by what follows it.
 */
import type { Lesson, Step, WrongFence } from '../../contract/lesson.ts';
import { TIMEOUT } from '../script.ts';
import { demandWrong, isContent } from './check-fence.ts';
import { currentFile } from './edit-fence.ts';
import { LessonFailure } from './failure.ts';
import type { Learner } from './learner.ts';
import { runScript } from './script-fence.ts';

/** Leaves the step as it was before. @throws LessonFailure */
export async function tryWrongs(learner: Learner, lesson: Lesson, step: Step): Promise<void> {
  for (const wrong of step.wrongs) {
    const files = await editedFiles(learner, step);
    // how it ends does not matter: to be refused is one way of being wrong
    await learner.run(lesson, { ...wrong, timeout: TIMEOUT.solution }, step);
    await demandWrong(learner, lesson, step, wrong);
    await resetStep(learner, lesson, step, files);
    if (await isContent(learner, lesson, step)) throw stillContent(wrong);
  }
}

type Files = ReadonlyMap<string, string>;

/** One that an edit would make is not there to be put back: removing it is the undo's. */
async function editedFiles({ agent }: Learner, step: Step): Promise<Files> {
  const files = new Map<string, string>();
  for (const action of step.actions) {
    if (action.kind !== 'edit' || files.has(action.file)) continue;
    const found = await currentFile(agent, action.file);
    if (found !== null) files.set(action.file, found.content);
  }
  return files;
}

async function resetStep(learner: Learner, lesson: Lesson, step: Step, files: Files): Promise<void> {
  for (const undo of step.undos)
    await runScript(learner, lesson, { ...undo, timeout: TIMEOUT.undo }, step, 'undo');
  for (const [path, content] of files) await learner.agent.write(path, Buffer.from(content), {});
}

function stillContent({ place, code }: WrongFence): LessonFailure {
  return new LessonFailure('After this and the undo the check is content, though nothing was done.', {
    place,
    command: code,
  });
}
