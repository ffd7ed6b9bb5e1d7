/** One learner of a class: a sandbox, the lesson opened in it, then step by step, each timed. */
import type { Lesson, Step } from '../../contract/lesson.ts';
import { Problem } from '../../contract/errors.ts';
import { LessonFailure } from '../lesson-failure.ts';
import { openAll, withLearner, type ProofMeans } from '../prove/new-home.ts';
import type { Learner } from '../prove/learner.ts';
import { solveStep } from '../prove/prove-step.ts';
import type { Selected } from '../prove/select.ts';
import { replayStep } from '../replay/step.ts';
import { dropOff } from './dropping.ts';
import type { Role } from './roles.ts';

export interface Attended {
  /** seconds, in the order of the lesson's steps, as far as they came; undefined: never had a sandbox */
  readonly sandbox: number | undefined;
  readonly opening: number | undefined;
  readonly steps: readonly number[];
  readonly cuts: number;
  readonly failure: { readonly where: string; readonly why: string } | null;
}
interface Going {
  sandbox?: number;
  opening?: number;
  readonly steps: number[];
  where: string;
  cuts: number;
}

/** in a room that works, checks take their time: what a page would wait, s */
const SETTLE_S = 20;

/** Never throws for what the lesson, its sandbox or the machine does. */
export async function attend(means: ProofMeans, selected: Selected, role: Role): Promise<Attended> {
  const going: Going = { steps: [], where: 'sandbox', cuts: 0 };
  const done = (failure: Attended['failure']): Attended => ({
    sandbox: going.sandbox,
    opening: going.opening,
    steps: going.steps,
    cuts: going.cuts,
    failure,
  });
  try {
    const began = performance.now();
    await withLearner(means, selected, async (learner) => {
      going.sandbox = since(began);
      const inRoom = { ...learner, patience: { ...learner.patience, settle: SETTLE_S } };
      await (role === 'dropping' ? onBadLine : play)(means, inRoom, selected, role, going);
    });
    return done(null);
  } catch (error) {
    return done({ where: going.where, why: reasonOf(error) });
  }
}

async function play(
  means: ProofMeans,
  learner: Learner,
  selected: Selected,
  role: Role,
  going: Going,
): Promise<void> {
  const { lesson } = selected;
  const opens = performance.now();
  going.where = 'opening';
  await openAll(means, learner, selected);
  going.opening = since(opens);
  for (const step of lesson.steps) {
    going.where = step.id;
    const began = performance.now();
    await learner.belongings.freshen();
    await doStep(learner, lesson, step, role);
    going.steps.push(since(began));
  }
}

async function onBadLine(...[means, learner, selected, role, going]: Parameters<typeof play>): Promise<void> {
  const line = dropOff(learner.workshop.agent);
  try {
    await play(means, learner, selected, role, going);
  } finally {
    await line.end();
    going.cuts = line.cuts;
  }
  if (line.missed !== null) throw new Problem('internal', line.missed);
}

/** A mistake is made by its fence, seen by the check and taken back, before the step is done. */
function doStep(learner: Learner, lesson: Lesson, step: Step, role: Role): Promise<string> {
  const errs = role === 'mistaken' && step.wrongs.length > 0 && step.solutions.length > 0;
  return errs ? solveStep(learner, lesson, step) : replayStep(learner, lesson, step);
}

const since = (began: number): number => (performance.now() - began) / 1000;

function reasonOf(error: unknown): string {
  if (error instanceof LessonFailure) return error.said;
  return error instanceof Error ? error.message : String(error);
}
