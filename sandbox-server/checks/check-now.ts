/** *Check now*: the learner asks, and is answered whatever becomes of the check. */
import type { Lesson, Step } from '../contract/lesson.ts';
import type { StepProgress } from '../contract/progress.ts';
import type { Session } from './session.ts';
import { actedEnough, isOver, onlyActs, type Cause } from './step-rules.ts';

/** *Check now* of a step without checks says what is still to be done. */
export async function askedFor(
  session: Session,
  lesson: Lesson,
  step: Step,
  judge: (lesson: Lesson, step: Step, cause: Cause) => Promise<StepProgress>,
): Promise<StepProgress> {
  const before = session.book.known(lesson.id, step.id);
  if (isOver(before.state)) return before;
  if (step.checks.length === 0) {
    const words = await session.book.words();
    const message = onlyActs(step) ? words.runCommands : words.answerQuestion;
    return session.book.change(lesson.id, step.id, (b) =>
      actedEnough(step, b.acted) ? { ...b, state: 'done', message: '' } : { ...b, message },
    );
  }
  await session.book.checking(lesson.id, step.id);
  try {
    return await session.inTurn(() => judge(lesson, step, 'asked'));
  } catch (error) {
    // nothing was judged: the page must not be left with a step that checks for ever
    await session.book.change(lesson.id, step.id, (b) => ({ ...b }));
    throw error;
  }
}
