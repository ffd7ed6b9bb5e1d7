/** Ending a cluster, forgetting its data, telling how it is. */
import { rm } from 'node:fs/promises';
import type { ServicePart, ServiceStatus } from '../../sandbox-server/contract/service.ts';
import { answersNames } from './box/dns.ts';
import { layOut, lockOf } from './find-place.ts';
import { closeBox, runningBox } from './host/box.ts';
import { askParts } from './host/follow.ts';
import { withLock } from '../machine/lock.ts';
import type { ClusterPlace } from './place.ts';

/** Nothing of it is left but its folder; also where it was killed before. */
export async function down(place: ClusterPlace): Promise<void> {
  await layOut(place);
  await withLock(lockOf(place), () => closeBox(place));
}

/** Objects, images and volumes go; certificates, settings and logs stay. */
export async function reset(place: ClusterPlace): Promise<void> {
  await layOut(place);
  await withLock(lockOf(place), async () => {
    await closeBox(place);
    await rm(place.folders.data, { recursive: true, force: true });
  });
}

export async function status(place: ClusterPlace): Promise<ServiceStatus> {
  const box = await runningBox(place);
  const found = box === null ? null : await askParts(place);
  if (found === null)
    return {
      state: 'down',
      parts: [{ name: 'box', ok: false, found: 'is not open', todo: 'node infra/dev-cluster/cluster.ts up' }],
    };
  const named = await answersNames(place.addresses, 2_000);
  const parts: readonly ServicePart[] = [
    ...found.parts.map((part) => ({
      name: part.name,
      ok: part.ready,
      found: sentenceOf(part),
      todo: part.ready ? '' : `read ${place.folders.log}/${part.name}.log`,
      memory: part.memory,
    })),
    {
      name: 'dns',
      ok: named,
      found: named ? 'answers' : 'does not answer',
      todo: named ? '' : 'look at coredns in kube-system',
    },
    ...found.others.map(({ name, count, memory }) => ({
      name,
      ok: true,
      found: `${count} processes`,
      todo: '',
      memory,
    })),
  ];
  return { state: parts.every(({ ok }) => ok) ? 'up' : 'partly', parts: [...parts] };
}

function sentenceOf({
  ready,
  restarts,
  lastEnd,
}: {
  ready: boolean;
  restarts: number;
  lastEnd: string | null;
}): string {
  const state = ready ? 'ready' : 'not ready';
  return restarts === 0 ? state : `${state}, started again ${restarts} times (last: ${lastEnd})`;
}
