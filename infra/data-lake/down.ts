/** Ending a lake, forgetting its data, and telling how it is. */
import type { ServiceStatus } from '../../sandbox-server/contract/service.ts';
import { assemble, type Step } from './assembly.ts';
import { layOut, lockOf } from './find-place.ts';
import { withLock } from '../machine/lock.ts';
import type { LakePlace } from './place.ts';

/** No process and no mount is left. */
export async function down(place: LakePlace): Promise<void> {
  const steps = assemble(place);
  await layOut(place);
  await withLock(lockOf(place), () => stopSteps(steps));
}

/** Data goes; environments, certificates and secrets stay. */
export async function reset(place: LakePlace): Promise<void> {
  const steps = assemble(place);
  await layOut(place);
  await withLock(lockOf(place), async () => {
    await stopSteps(steps);
    for (const { part } of steps) await part.reset();
  });
}

export async function status(place: LakePlace): Promise<ServiceStatus> {
  const steps = assemble(place);
  const parts = await Promise.all(
    steps.map(async ({ part }) => {
      const { ok, found, todo = '', memory } = await part.health();
      return {
        name: part.name,
        ok,
        found: found.slice(0, 2000),
        todo,
        ...(memory === undefined ? {} : { memory }),
      };
    }),
  );
  const up = parts.filter((part) => part.ok).length;
  const running = parts.some((part) => part.ok && part.memory !== undefined);
  return { state: up === parts.length ? 'up' : running ? 'partly' : 'down', parts };
}

/** Those that others wait for last. */
async function stopSteps(steps: readonly Step[]): Promise<void> {
  const stopped = new Map<Step, Promise<void>>();
  for (const step of [...steps].reverse()) {
    const users = steps.filter(({ after }) => after.includes(step.part));
    const before = Promise.all(users.map((user) => stopped.get(user) ?? Promise.resolve()));
    stopped.set(
      step,
      before.then(() => step.part.stop()),
    );
  }
  await Promise.all(stopped.values());
}
