/**
 * An author's *fast-forward* and *reset to step*: one step of a lesson becomes the one at hand. Those from it on that were
 * begun are reset, the last first; those before it that are not over are played as their learner would do them.
 */
import { Problem } from '../contract/errors.ts';
import type { Lesson, Step } from '../contract/lesson.ts';
import { describeFailure, LessonFailure } from './lesson-failure.ts';
import { IN_A_LAB, type Player } from './replay/player.ts';
import { replayStep } from './replay/step.ts';
import { resetStep, type ResetNeeds } from './reset.ts';
import type { Session } from './session.ts';
import { isOver } from './step-rules.ts';

/**
 * In the session's turn. @param to null: past the last step.
 * @throws Problem `conflict` with the place and the command where a step cannot be played; those before stay done
 */
export async function goTo(
  needs: ResetNeeds,
  session: Session,
  lesson: Lesson,
  to: string | null,
): Promise<void> {
  const at = to === null ? lesson.steps.length : lesson.steps.findIndex(({ id }) => id === to);
  if (at === -1) throw new Problem('not-found', 'There is no such step.');
  const known = (step: Step) => session.book.known(lesson.id, step.id).state;
  const begun = lesson.steps.slice(at).filter((step) => known(step) !== 'todo');
  for (const step of begun.reverse()) await resetStep(needs, session, lesson, step);
  const undone = lesson.steps.slice(0, at).filter((step) => !isOver(known(step)));
  for (const step of undone) await play(session, lesson, step);
}

async function play(session: Session, lesson: Lesson, step: Step): Promise<void> {
  const { book } = session;
  await book.checking(lesson.id, step.id);
  try {
    const message = await replayStep(playerOf(session), lesson, step);
    const acted = [...step.actions, ...step.questions].map(({ id }) => id);
    await book.change(lesson.id, step.id, (before) => ({
      ...before,
      state: 'done',
      message,
      hints: [],
      acted,
    }));
    await session.moved(lesson, step);
  } catch (error) {
    // the page must not be left with a step that checks for ever
    await book.change(lesson.id, step.id, (before) => ({ ...before }));
    throw forAuthor(error, step);
  }
}

/** In the learner's own terminal, so that `cd` and variables are there for the step that is tried next. */
function playerOf({ workshop }: Session): Player {
  return { ...IN_A_LAB, workshop, terminals: { solutions: '1' } };
}

function forAuthor(error: unknown, { title }: Step): unknown {
  if (!(error instanceof LessonFailure)) return error;
  return new Problem('conflict', `${title}: ${describeFailure(error)}`, { cause: error });
}
