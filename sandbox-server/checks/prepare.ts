/** *Prepare this for me*: earlier lessons replayed in the learner's own sandbox, their steps marked *skipped*. */
import { Problem } from '../contract/errors.ts';
import type { Lesson } from '../contract/lesson.ts';
import { IN_A_LAB, type Player } from './replay/player.ts';
import { replayStep } from './replay/step.ts';
import type { Session } from './session.ts';

/** The terminal of its own in which commands without one are typed: the learner may read what was done. */
const TERMINAL = 'prepare';

/** In the session's turn. @throws Problem naming what could not be replayed; steps before it stay skipped */
export async function prepareLessons(
  { workshop, book }: Session,
  lessons: readonly Lesson[],
  onProgress: (done: number, all: number, what: string) => void,
): Promise<void> {
  const player: Player = { ...IN_A_LAB, workshop, terminals: { runs: TERMINAL, solutions: TERMINAL } };
  const message = (await book.words()).prepared;
  const all = lessons.reduce((n, lesson) => n + lesson.steps.length, 0);
  let done = 0;
  for (const lesson of lessons) {
    onProgress(done, all, `${lesson.title}: files and setup`);
    await workshop.giveFiles(lesson);
    await workshop.setUp(lesson, lesson.setup);
    for (const step of lesson.steps) {
      onProgress(done, all, `${lesson.title}: ${step.title}`);
      await replayStep(player, lesson, step);
      await book.change(lesson.id, step.id, (before) => ({
        ...before,
        state: 'skipped',
        message,
      }));
      done += 1;
    }
  }
  onProgress(done, all, 'Prepared');
  await closeTerminal(workshop.agent);
}

/** Its shell has nothing the learner needs; what ran in terminals with names of their own stays. */
async function closeTerminal(agent: Session['workshop']['agent']): Promise<void> {
  try {
    await agent.closeTerminal(TERMINAL);
  } catch (error) {
    // none of the lessons typed anything
    if (!(error instanceof Problem && error.code === 'not-found')) throw error;
  }
}
