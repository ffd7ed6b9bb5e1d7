/** Learners who press Start on a cluster and wait for their prompt: what all parts of the bench begin with. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Lab } from '../../../sandbox-server/contract/lab.ts';
import type {
  ClientOptions,
  TerminalClient,
} from '../../../sandbox-server/sandboxes/link/terminal-client.ts';
import type { ClusterWorld } from '../../stack/cluster/world.ts';
import { until } from '../../stack/until.ts';
import { learner, type Learner } from '../../world/learner.ts';
import { ours } from '../terminals.ts';

/** certificates are read, and what a node does about new pods (probes, policies, caches) is over: a pool that stood ready */
const SETTLED_MS = 5_000;

export interface Started {
  readonly person: Learner;
  readonly lab: Lab;
  /** from the press of Start to the prompt */
  readonly ms: number;
  /** the same, ms since the epoch */
  readonly from: number;
  readonly to: number;
}

export async function startBy(on: ClusterWorld, person: Learner): Promise<Started> {
  const [from, began] = [Date.now(), performance.now()];
  const lab = await person.start('first-steps', '1-how-a-lab-works');
  const client = await attached(on, { person, lab });
  const ms = performance.now() - began;
  client.cut();
  return { person, lab, ms, from, to: Date.now() };
}

/** `n` learners, one after the other. */
export async function starts(on: ClusterWorld, name: string, n: number): Promise<readonly Started[]> {
  const all: Started[] = [];
  for (let i = 0; i < n; i += 1) all.push(await startBy(on, await learner(on.world.url, `${name}x${i}`)));
  return all;
}

/** Tries again as a page does where a sandbox on a busy node does not take the socket in time: the learner waits, and it counts. */
export async function attached(
  on: ClusterWorld,
  { person, lab }: Pick<Started, 'person' | 'lab'>,
  options: ClientOptions = {},
): Promise<TerminalClient> {
  for (const deadline = Date.now() + 120_000; ; await sleep(250)) {
    try {
      return await ours(on.world.url, person, lab.id, '1', options);
    } catch (error) {
      if (Date.now() > deadline || !/server response: 50[234]/.test(String(error))) throw error;
    }
  }
}

export async function end(all: readonly Started[]): Promise<void> {
  await Promise.all(all.map(({ person, lab }) => person.json('DELETE', `/api/labs/${lab.id}`)));
}

/** until so many are ready and nobody's */
export async function warmOnes(on: ClusterWorld, n: number): Promise<void> {
  const ready = "jsonpath={range .items[*]}{.status.conditions[?(@.type=='Ready')].status}{'\\n'}{end}";
  await until(
    () => on.kubectl('get', 'pods', '-l', 'app=warm', '-o', ready),
    (text) => text.split('\n').filter((line) => line === 'True').length >= n,
    300_000,
  );
  await sleep(SETTLED_MS);
}
