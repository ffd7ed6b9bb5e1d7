/** A fence that must do what it says for the proof to go on: setup, undo, a solution in another language than the shell. */
import type { Lesson, Step } from '../../contract/lesson.ts';
import { LessonFailure } from './failure.ts';
import type { Learner, Script } from './learner.ts';

/** A script that ends badly leaves something half done, which would be blamed on the learner. @throws LessonFailure */
export async function runScript(
  learner: Learner,
  lesson: Lesson,
  script: Script,
  step?: Step,
  what: 'script' | 'undo' = 'script',
): Promise<void> {
  const { exit, stdout, stderr, timedOut } = await learner.run(lesson, script, step);
  const how = timedOut ? `ran longer than ${script.timeout} s` : `ended with exit status ${exit}`;
  if (exit !== 0)
    throw new LessonFailure(`This ${what} ${how}.`, {
      place: script.place,
      command: script.code,
      output: stdout + stderr,
    });
}
