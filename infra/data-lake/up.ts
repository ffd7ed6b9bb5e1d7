/** Starting a lake: what is missing is made, what does not run is started, and every stage is said and timed. */
import { userInfo } from 'node:os';
import { assemble, type Step } from './assembly.ts';
import { findEnvironment, provideEnvironment } from './environment.ts';
import { layOut, lockOf } from './find-place.ts';
import { demandNamespaces, ordinary } from './inside.ts';
import { withLock } from '../machine/lock.ts';
import { installPackages, missingPackages } from '../machine/packages.ts';
import { stagedBy, type Say, type Staged } from '../machine/staged.ts';
import { codeRevision, noteRevision, startedFrom } from './revision.ts';
import type { Part, Stage } from './part.ts';
import type { LakePlace } from './place.ts';
import { startPart } from './start-part.ts';
import { ENVIRONMENT, LOCK } from './rucio/ground.ts';

const LABELS: Readonly<Record<Stage, string>> = {
  user: 'Running every server as one user, since root does not start them',
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
  await withLock(lockOf(place), async () => {
    await start(place, steps, stagedBy(LABELS, say), signal);
    await noteRevision(place, revision);
  });
}

async function start(
  place: LakePlace,
  steps: readonly Step[],
  staged: Staged<Stage>,
  signal: AbortSignal,
): Promise<void> {
  if (ordinary(place)) await staged('user', demandNamespaces, { detail: userInfo().username });
  // uv and apt wait for the network, not for each other; without root apt mostly may not, which is said first
  if (ordinary(place)) await providePackages(steps, staged, signal);
  await Promise.all([providePackages(steps, staged, signal), provideRucio(place, staged, signal)]);
  await startSteps(place, steps, staged);
}

async function providePackages(
  steps: readonly Step[],
  staged: Staged<Stage>,
  signal: AbortSignal,
): Promise<void> {
  const missing = await missingPackages(steps.flatMap(({ part }) => part.packages));
  if (missing.length === 0) return;
  await staged('packages', () => installPackages(missing, signal));
}

async function provideRucio(place: LakePlace, staged: Staged<Stage>, signal: AbortSignal): Promise<void> {
  if ((await findEnvironment(place, ENVIRONMENT, LOCK)) !== null) return;
  await staged('environment', (onProgress) =>
    provideEnvironment(place, { name: ENVIRONMENT, lock: LOCK, signal, onProgress }),
  );
}

/** Each step as soon as those before it are healthy; a stage of several parts is done when all of them are. */
async function startSteps(place: LakePlace, steps: readonly Step[], staged: Staged<Stage>): Promise<void> {
  const started = new Map<Part, Promise<void>>();
  const stages = new Map<Stage, Promise<void>[]>();
  for (const { part, after } of steps) {
    const before = Promise.all(after.map((one) => started.get(one) ?? Promise.resolve()));
    // also one that is healthy: it may run yesterday's configuration, which only its own start can see
    const begin = before.then(() => startPart(place, part));
    started.set(part, begin);
    stages.set(part.stage, [...(stages.get(part.stage) ?? []), begin]);
  }
  const ends = [...stages].map(([stage, parts]) => staged(stage, () => Promise.all(parts)));
  const failed = (await Promise.allSettled(ends)).find((end) => end.status === 'rejected');
  if (failed !== undefined) throw failed.reason;
}

async function allHealthy(steps: readonly Step[]): Promise<boolean> {
  const healths = await Promise.all(steps.map(({ part }) => part.health()));
  return healths.every((health) => health.ok);
}
