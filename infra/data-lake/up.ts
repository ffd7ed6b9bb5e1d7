/** Starting a lake: what is missing is made, what does not run is started, and every stage is said and timed. */
import { Problem } from '../../sandbox-server/contract/errors.ts';
import type { StageLine } from '../../sandbox-server/contract/service.ts';
import { assemble, type Step } from './assembly.ts';
import { findEnvironment, provideEnvironment } from './environment.ts';
import { layOut } from './find-place.ts';
import { withLock } from './lock.ts';
import { installPackages, missingPackages } from './packages.ts';
import { codeRevision, noteRevision, startedFrom } from './revision.ts';
import { sentenceOf, type Part, type Stage } from './part.ts';
import type { LakePlace } from './place.ts';
import { ENVIRONMENT, LOCK } from './rucio/ground.ts';

export type Say = (line: StageLine) => void;

const LABELS: Readonly<Record<Stage, string>> = {
  packages: 'Installing packages of the system',
  environment: "Preparing Rucio's Python environment",
  authority: 'Making the certificate authority and certificates',
  postgres: 'Starting PostgreSQL',
  issuer: 'Starting the token issuer',
  elements: 'Starting three storage elements',
  transfer: 'Starting the transfer service',
  rucio: 'Starting Rucio',
  daemons: "Starting Rucio's daemons",
};

/**
 * Starts what does not run; a lake that is healthy is left alone, and known in a second.
 * @throws Problem of the first part that failed; parts that do not wait for it are started all the same
 */
export async function up(place: LakePlace, say: Say, signal: AbortSignal): Promise<void> {
  const steps = assemble(place);
  const revision = await codeRevision();
  if ((await startedFrom(place)) === revision && (await allHealthy(steps))) return;
  await layOut(place);
  await withLock(place, async () => {
    await start(place, steps, say, signal);
    await noteRevision(place, revision);
  });
}

async function start(place: LakePlace, steps: readonly Step[], say: Say, signal: AbortSignal): Promise<void> {
  await Promise.all([
    providePackages(steps, say, signal),
    // uv and apt wait for the network, not for each other
    provideRucio(place, say, signal),
  ]);
  await startSteps(steps, say);
}

async function providePackages(steps: readonly Step[], say: Say, signal: AbortSignal): Promise<void> {
  const missing = await missingPackages(steps.flatMap(({ part }) => part.packages));
  if (missing.length === 0) return;
  await staged(say, 'packages', () => installPackages(missing, signal));
}

async function provideRucio(place: LakePlace, say: Say, signal: AbortSignal): Promise<void> {
  if ((await findEnvironment(place, ENVIRONMENT, LOCK)) !== null) return;
  const label = LABELS.environment;
  const onProgress = (done: number, of: number) =>
    say({ stage: 'environment', state: 'begun', label, done, of });
  await staged(say, 'environment', () =>
    provideEnvironment(place, { name: ENVIRONMENT, lock: LOCK, signal, onProgress }),
  );
}

/** Each step as soon as those before it are healthy; a stage of several parts is done when all of them are. */
async function startSteps(steps: readonly Step[], say: Say): Promise<void> {
  const started = new Map<Part, Promise<void>>();
  const stages = new Map<Stage, Promise<void>[]>();
  for (const { part, after } of steps) {
    const before = Promise.all(after.map((one) => started.get(one) ?? Promise.resolve()));
    // also one that is healthy: it may run yesterday's configuration, which only its own start can see
    const begin = before.then(() => part.start());
    started.set(part, begin);
    stages.set(part.stage, [...(stages.get(part.stage) ?? []), begin]);
  }
  const ends = [...stages].map(([stage, parts]) => staged(say, stage, () => Promise.all(parts)));
  const failed = (await Promise.allSettled(ends)).find((end) => end.status === 'rejected');
  if (failed !== undefined) throw failed.reason;
}

async function staged(say: Say, stage: Stage, work: () => Promise<unknown>): Promise<void> {
  const label = LABELS[stage];
  const began = performance.now();
  const seconds = () => Math.round((performance.now() - began) / 100) / 10;
  say({ stage, state: 'begun', label });
  try {
    await work();
  } catch (error) {
    say({
      stage,
      state: 'failed',
      label: `${label}: ${sentenceOf(error)}`.slice(0, 300),
      seconds: seconds(),
    });
    throw error instanceof Problem
      ? error
      : new Problem('internal', `${label} failed: ${sentenceOf(error)}`, { cause: error });
  }
  say({ stage, state: 'done', label, seconds: seconds() });
}

async function allHealthy(steps: readonly Step[]): Promise<boolean> {
  const healths = await Promise.all(steps.map(({ part }) => part.health()));
  return healths.every((health) => health.ok);
}
