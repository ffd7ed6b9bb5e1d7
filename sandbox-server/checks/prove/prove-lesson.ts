/** One lesson in a fresh sandbox and home, step by step; once more where a solution was not needed. */
import type { Kits } from '../../sandboxes/kits.ts';
import { lessonsBefore } from '../../catalogue/course.ts';
import type { Lesson, Step } from '../../contract/lesson.ts';
import { describeFailure, LessonFailure } from '../lesson-failure.ts';
import { replayStep } from '../replay/step.ts';
import { newLogin, provide } from './belongings.ts';
import { newLearner } from './learner.ts';
import type { Learner, Means } from './learner.ts';
import { openLesson, proveStep, solveStep } from './prove-step.ts';
import { secondsSince } from './report.ts';
import type { LessonReport, StepReport } from './report.ts';
import { nameOf } from './select.ts';
import type { Selected } from './select.ts';

export interface ProofMeans extends Means {
  readonly kits: Pick<Kits, 'get' | 'ready'>;
  /** leave the sandbox of a failed lesson running */
  readonly keep: boolean;
  readonly log: (line: string) => void;
}

/** Never throws for what a lesson or its sandbox does. */
export async function proveLesson(means: ProofMeans, selected: Selected): Promise<LessonReport> {
  const began = performance.now();
  const { kit, services } = selected.lesson.needs;
  means.log(`${nameOf(selected)} (kit ${kit})`);
  const missing = services.filter((name) => means.services.get(name) === undefined);
  const outcome =
    missing.length > 0
      ? skipped(`It needs ${missing.join(', ')}, which this machine does not offer.`)
      : await attempt(means, selected);
  const seconds = secondsSince(began);
  const late = outcome.status === 'proven' && seconds > selected.lesson.minutes * 60;
  const whole = late
    ? {
        ...outcome,
        status: 'failed' as const,
        reason: `It took ${seconds} s, more than the ${selected.lesson.minutes} minutes it claims.`,
      }
    : outcome;
  means.log(`  ${whole.status} in ${seconds} s${whole.reason === undefined ? '' : `: ${whole.reason}`}`);
  return {
    id: nameOf(selected),
    ...whole,
    seconds,
    kit,
    versions: means.kits.get(kit)?.versions ?? {},
    mutation: { noticed: 0, tried: 0 },
  };
}

type Outcome = Pick<LessonReport, 'status' | 'steps'> & { readonly reason?: string };
const skipped = (reason: string): Outcome => ({ status: 'skipped', reason, steps: [] });

async function attempt(means: ProofMeans, selected: Selected): Promise<Outcome> {
  try {
    await means.kits.ready(selected.lesson.needs.kit);
    for (const name of servicesOf(selected)) await provide(means.services, name, means.log);
    const idle = new Set<string>();
    const outcome = await inNewHome(means, selected, selected.lesson.steps, async (learner, lesson, step) => {
      const proven = await proveStep(learner, lesson, step);
      if (proven.idle) idle.add(step.id);
      return proven.message;
    });
    return outcome.status === 'failed' || idle.size === 0
      ? outcome
      : await withSolutions(means, selected, idle, outcome);
  } catch (error) {
    return { status: 'failed', reason: reasonOf(error), steps: [] };
  }
}

/** Solutions that were not needed could be wrong and nobody would know: a second home, where they do their steps. */
async function withSolutions(
  means: ProofMeans,
  selected: Selected,
  idle: ReadonlySet<string>,
  outcome: Outcome,
): Promise<Outcome> {
  means.log(`  again, by the solution alone: ${[...idle].join(', ')}`);
  const { steps } = selected.lesson;
  const upToLast = steps.slice(0, steps.findLastIndex(({ id }) => idle.has(id)) + 1);
  const solved = await inNewHome(means, selected, upToLast, (learner, lesson, step) =>
    idle.has(step.id) ? solveStep(learner, lesson, step) : replayStep(learner, lesson, step),
  );
  return solved.status === 'proven'
    ? outcome
    : { ...solved, reason: `by its solution alone, ${solved.reason ?? ''}` };
}

/** What is done with one step. @returns what its last check said */
type Play = (learner: Learner, lesson: Lesson, step: Step) => Promise<string>;

async function inNewHome(
  means: ProofMeans,
  selected: Selected,
  steps: readonly Step[],
  play: Play,
): Promise<Outcome> {
  const user = servicesOf(selected).length === 0 ? undefined : newLogin();
  const learner = await newLearner(means, selected.course, selected.lesson.needs.kit, user);
  return withLearner(means, learner, () => playAll(means, learner, selected, steps, play));
}

async function withLearner(
  means: ProofMeans,
  learner: Learner,
  act: () => Promise<Outcome>,
): Promise<Outcome> {
  let kept = false;
  try {
    const outcome = await act();
    kept = means.keep && outcome.status === 'failed';
    if (kept) means.log(`  its sandbox runs on, as lab ${learner.lab}`);
    return outcome;
  } finally {
    if (!kept) await learner.leave();
  }
}

async function playAll(
  means: ProofMeans,
  learner: Learner,
  selected: Selected,
  all: readonly Step[],
  play: Play,
): Promise<Outcome> {
  const { course, lesson } = selected;
  const before = lessonsBefore(lesson.id, course.lessons).flatMap((id) =>
    course.lessons.filter((each) => each.id === id),
  );
  for (const each of before) await replayLesson(means, learner, each);
  await openLesson(learner, lesson);
  const steps: StepReport[] = [];
  for (const step of all) {
    const failed = steps.some(({ status }) => status === 'failed');
    steps.push(
      failed
        ? { id: step.id, status: 'skipped', seconds: 0 }
        : await reportStep(means, step, async () => {
            await learner.belongings.freshen();
            return play(learner, lesson, step);
          }),
    );
  }
  const failure = steps.find(({ status }) => status === 'failed');
  return failure === undefined
    ? { status: 'proven', steps }
    : {
        status: 'failed',
        reason: `step ${failure.id} (seed ${learner.seed}): ${failure.message ?? ''}`,
        steps,
      };
}

/** Its own and those of lessons before it: all of them are played. */
function servicesOf({ course, lesson }: Selected): readonly string[] {
  const before = lessonsBefore(lesson.id, course.lessons);
  const played = course.lessons.filter(({ id }) => id === lesson.id || before.includes(id));
  return [...new Set(played.flatMap(({ needs }) => needs.services))];
}

/** What *Prepare this for me* does with a lesson that this one builds on. */
async function replayLesson(means: ProofMeans, learner: Learner, lesson: Lesson): Promise<void> {
  means.log(`  first  ${lesson.id}`);
  await openLesson(learner, lesson);
  for (const step of lesson.steps) await replayStep(learner, lesson, step);
}

async function reportStep(means: ProofMeans, step: Step, act: () => Promise<string>): Promise<StepReport> {
  const began = performance.now();
  try {
    const message = await act();
    const seconds = secondsSince(began);
    means.log(`  ok     ${step.id}  ${seconds} s${message === '' ? '' : `  ${message}`}`);
    return { id: step.id, status: 'proven', seconds, ...(message !== '' && { message }) };
  } catch (error) {
    const message = reasonOf(error);
    means.log(`  FAILED ${step.id}\n${message.replace(/^/gm, '         ')}`);
    return { id: step.id, status: 'failed', seconds: secondsSince(began), message };
  }
}

/** A sandbox that dies or answers nonsense fails its lesson, like a check that is not content. */
function reasonOf(error: unknown): string {
  if (error instanceof LessonFailure) return describeFailure(error);
  return error instanceof Error ? `${error.name}: ${error.message}` : String(error);
}
