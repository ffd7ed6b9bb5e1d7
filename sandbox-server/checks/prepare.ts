/** *Prepare this for me*: earlier lessons replayed in the learner's own sandbox, their steps marked *skipped*. */
import type { Fill } from '../catalogue/face.ts';
import type { Lesson } from '../contract/lesson.ts';
import { REPLAY_TERMINAL, replayStep } from './replay.ts';
import type { Session } from './session.ts';
import { Problem } from '../contract/errors.ts';

/** In the session's turn. @throws Problem naming what could not be replayed; steps before it stay skipped */
export async function prepareLessons(
  needs: { session: Session; fill: Fill },
  lessons: readonly Lesson[],
  onProgress: (done: number, all: number, what: string) => void,
): Promise<void> {
  const { session, fill } = needs;
  const all = lessons.reduce((n, lesson) => n + lesson.steps.length, 0);
  let done = 0;
  for (const lesson of lessons) {
    onProgress(done, all, `${lesson.title}: files and setup`);
    await session.workshop.giveFiles(lesson);
    await session.workshop.setUp(lesson, lesson.setup);
    for (const step of lesson.steps) {
      onProgress(done, all, `${lesson.title}: ${step.title}`);
      await replayStep({ workshop: session.workshop, book: session.book, fill }, lesson, step);
      await session.book.change(lesson.id, step.id, (before) => ({
        ...before,
        state: 'skipped',
        message: 'Prepared for you.',
      }));
      done += 1;
    }
  }
  onProgress(done, all, 'Prepared');
  await closeTerminal(session);
}

/** Its shell has nothing the learner needs; what ran in terminals with names of their own stays. */
async function closeTerminal({ workshop }: Session): Promise<void> {
  try {
    await workshop.agent.closeTerminal(REPLAY_TERMINAL);
  } catch (error) {
    // none of the lessons typed anything
    if (!(error instanceof Problem && error.code === 'not-found')) throw error;
  }
}
