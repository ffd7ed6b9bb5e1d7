/** One lesson in a fresh sandbox and home, step by step; once more where a solution was not needed. */
import type { Lesson, Step } from '../../contract/lesson.ts';
import type { Mutation } from '../../contract/proof.ts';
import { describeFailure, LessonFailure } from '../lesson-failure.ts';
import { replayStep } from '../replay/step.ts';
import { provide } from './belongings.ts';
import type { Learner } from './learner.ts';
import { mutateLesson } from './mutate-lesson.ts';
import { comparing, type NewOutput } from './outputs.ts';
import { openAll, servicesOf, withLearner, type ProofMeans } from './new-home.ts';
import { finish, proveStep, solveStep } from './prove-step.ts';
import { secondsSince } from './report.ts';
import type { LessonReport, StepReport } from './report.ts';
import { nameOf, played } from './select.ts';
import type { Selected } from './select.ts';

/** Never throws for what a lesson or its sandbox does. */
export async function proveLesson(means: ProofMeans, selected: Selected): Promise<LessonReport> {
  const { kit, services } = selected.lesson.needs;
  means.log(`${nameOf(selected)} (kit ${kit})`);
  const missing = services.filter((name) => means.services.get(name) === undefined);
  const noCluster = means.cluster === undefined && usesCluster(selected);
  const { mutation, ...outcome }: Outcome =
    missing.length > 0
      ? skipped(`It needs ${missing.join(', ')}, which this machine does not offer.`)
      : noCluster
        ? skipped('It needs a Kubernetes cluster: prove it with --driver kubernetes.')
        : await attempt(means, selected);
  const seconds = secondsOf(outcome.steps);
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
    mutation: mutation ?? { noticed: 0, tried: 0 },
  };
}

/** A learner's time: without the sandbox, the lessons before, and whatever was tried besides. */
const secondsOf = (steps: readonly StepReport[]): number =>
  Math.round(steps.reduce((sum, { seconds }) => sum + seconds, 0) * 10) / 10;

interface Outcome extends Pick<LessonReport, 'status' | 'steps'> {
  readonly reason?: string;
  readonly mutation?: Mutation;
  readonly outputs?: NewOutput[];
}
const usesCluster = (selected: Selected): boolean =>
  played(selected).some(({ needs }) => needs.cluster !== undefined);
const skipped = (reason: string): Outcome => ({ status: 'skipped', reason, steps: [] });

async function attempt(means: ProofMeans, selected: Selected): Promise<Outcome> {
  try {
    await means.kits.ready(selected.lesson.needs.kit);
    for (const name of servicesOf(selected)) await provide(means.services, name, means.log);
    const idle = new Set<string>();
    const outputs: NewOutput[] = [];
    const propose = means.update ? (output: NewOutput) => outputs.push(output) : undefined;
    const told = await inNewHome(means, selected, selected.lesson.steps, async (learner, lesson, step) => {
      const proven = await proveStep(comparing(learner, propose), lesson, step);
      if (proven.idle) idle.add(step.id);
      return proven.message;
    });
    const outcome = { ...told, ...(outputs.length > 0 && { outputs }) };
    const solved =
      outcome.status === 'failed' || idle.size === 0
        ? outcome
        : await withSolutions(means, selected, idle, outcome);
    if (solved.status !== 'proven' || !means.mutate) return solved;
    const mutated = await mutateLesson(means, selected, idle);
    return { ...solved, ...mutated, status: mutated.reason === undefined ? 'proven' : 'failed' };
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
    : { ...outcome, ...solved, reason: `by its solution alone, ${solved.reason ?? ''}` };
}

/** What is done with one step. @returns what its last check said */
type Play = (learner: Learner, lesson: Lesson, step: Step) => Promise<string>;

async function inNewHome(
  means: ProofMeans,
  selected: Selected,
  steps: readonly Step[],
  play: Play,
): Promise<Outcome> {
  return withLearner(
    means,
    selected,
    (learner) => playAll(means, learner, selected, steps, play),
    (outcome) => means.keep && outcome.status === 'failed',
  );
}

async function playAll(
  means: ProofMeans,
  learner: Learner,
  selected: Selected,
  all: readonly Step[],
  play: Play,
): Promise<Outcome> {
  const { lesson } = selected;
  await openAll(means, learner, selected);
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
  if (failure === undefined && all.length === lesson.steps.length) await finish(learner, lesson);
  return failure === undefined
    ? { status: 'proven', steps }
    : {
        status: 'failed',
        reason: `step ${failure.id} (seed ${learner.seed}): ${failure.message ?? ''}`,
        steps,
      };
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
    const place = error instanceof LessonFailure ? { place: error.facts.place } : {};
    return { id: step.id, status: 'failed', seconds: secondsSince(began), message, ...place };
  }
}

/** A sandbox that dies or answers nonsense fails its lesson, like a check that is not content. */
function reasonOf(error: unknown): string {
  if (error instanceof LessonFailure) return describeFailure(error);
  return error instanceof Error ? `${error.name}: ${error.message}` : String(error);
}
