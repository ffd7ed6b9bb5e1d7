/** A learner in a fresh sandbox and home, with what a lesson builds on already there. */
import { lessonsBefore } from '../../catalogue/course.ts';
import type { Lesson, Step } from '../../contract/lesson.ts';
import type { Kits } from '../../sandboxes/kits.ts';
import type { Turns } from '../../sandboxes/turns.ts';
import { replayStep } from '../replay/step.ts';
import { newLogin } from './belongings.ts';
import { newLearner } from './learner.ts';
import type { Learner, Means } from './learner.ts';
import { openLesson } from './prove-step.ts';
import { played, type Selected } from './select.ts';

export interface ProofMeans extends Means {
  readonly kits: Pick<Kits, 'get' | 'ready'>;
  /** leave the sandbox of a failed lesson running */
  readonly keep: boolean;
  /** try broken solutions as well */
  readonly mutate: boolean;
  /** outputs that differ are proposed, and fail nothing */
  readonly update: boolean;
  /** each sandbox has one while it is played in */
  readonly turns: Turns;
  readonly log: (line: string) => void;
}

/** In a sandbox and home of its own, when its turn comes. */
export async function withLearner<T>(
  means: ProofMeans,
  selected: Selected,
  play: (learner: Learner) => Promise<T>,
  keeps: (result: T) => boolean = () => false,
): Promise<T> {
  return means.turns.run(async () => {
    const user = servicesOf(selected).length === 0 ? undefined : newLogin();
    const learner = await newLearner(means, selected.course, selected.lesson.needs.kit, user);
    let kept = false;
    try {
      const result = await play(learner);
      kept = keeps(result);
      if (kept) means.log(`  its sandbox runs on, as lab ${learner.lab}`);
      return result;
    } finally {
      if (!kept) await learner.leave();
    }
  });
}

/** What the lesson builds on, then the lesson as its *Start* leaves it. */
export async function openAll(
  means: ProofMeans,
  learner: Learner,
  { course, lesson }: Selected,
): Promise<void> {
  for (const each of lessonsBefore(lesson.id, course.lessons)) await replayLesson(means, learner, each);
  await openLesson(learner, lesson);
}

/** Whoever has done every step before this one, in a sandbox and home of their own. @param play what they do with it */
export async function atStep<T>(
  means: ProofMeans,
  selected: Selected,
  step: Step,
  play: (learner: Learner) => Promise<T>,
): Promise<T> {
  const { lesson } = selected;
  return withLearner(means, selected, async (learner) => {
    await openAll(means, learner, selected);
    for (const before of lesson.steps.slice(0, lesson.steps.indexOf(step))) {
      await learner.belongings.freshen();
      await replayStep(learner, lesson, before);
    }
    await learner.belongings.freshen();
    return play(learner);
  });
}

/** Its own and those of lessons before it: all of them are played. */
export function servicesOf(selected: Selected): readonly string[] {
  return [...new Set(played(selected).flatMap(({ needs }) => needs.services))];
}

/** What *Prepare this for me* does with a lesson that this one builds on. */
async function replayLesson(means: ProofMeans, learner: Learner, lesson: Lesson): Promise<void> {
  means.log(`  first  ${lesson.id}`);
  await openLesson(learner, lesson);
  for (const step of lesson.steps) await replayStep(learner, lesson, step);
}
