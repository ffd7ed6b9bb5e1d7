/**
 * Ways of being wrong, as the author foresaw them: the check stays red and names the hint, and *Reset step* mends it.
 * They are tried in the home of the proof, one after the other, so each `undo` is proven by what follows it.
 */
import type { Lesson, Step, WrongFence } from '../../contract/lesson.ts';
import { LessonFailure } from '../lesson-failure.ts';
import { currentFile } from '../replay/edit-fence.ts';
import { TIMEOUT } from '../script.ts';
import { demandWrong, isContent } from './check-fence.ts';
import type { Learner } from './learner.ts';

/** Leaves the step as it was before. @throws LessonFailure */
export async function tryWrongs(learner: Learner, lesson: Lesson, step: Step): Promise<void> {
  for (const wrong of step.wrongs) {
    const files = await editedFiles(learner, step);
    // how it ends does not matter: to be refused is one way of being wrong
    await learner.workshop.run(lesson, wrong, TIMEOUT.solution, step);
    await demandWrong(learner, lesson, step, wrong);
    await resetStep(learner, lesson, step, files);
    if (await isContent(learner, lesson, step)) throw stillContent(wrong);
  }
}

type Files = ReadonlyMap<string, string>;

/** One that an edit would make is not there to be put back: removing it is the undo's. */
async function editedFiles({ workshop }: Learner, step: Step): Promise<Files> {
  const files = new Map<string, string>();
  for (const action of step.actions) {
    if (action.kind !== 'edit' || files.has(action.file)) continue;
    const found = await currentFile(workshop.agent, action.file);
    if (found !== null) files.set(action.file, found.content);
  }
  return files;
}

async function resetStep(learner: Learner, lesson: Lesson, step: Step, files: Files): Promise<void> {
  await learner.workshop.undo(lesson, step);
  for (const [path, content] of files) await learner.workshop.agent.write(path, Buffer.from(content), {});
}

function stillContent({ place, code }: WrongFence): LessonFailure {
  return new LessonFailure('After this and the undo the check is content, though nothing was done.', {
    place,
    command: code,
  });
}
