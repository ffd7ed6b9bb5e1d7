/** More learners than there may be sandboxes, each for a few seconds: nobody fails, nobody is overtaken, all know where they stand. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Lab } from '../../../sandbox-server/contract/lab.ts';
import { openShared } from '../../../sandbox-server/sandboxes/kubernetes/testing/cluster-subject.ts';
import { clusterWorld, type ClusterWorld } from '../../stack/cluster/world.ts';
import { untilReady } from '../../world/lab-news.ts';
import { learner, type Learner } from '../../world/learner.ts';
import type { Part } from '../parts.ts';
import { figure } from '../table.ts';
import { warmOnes } from './starting.ts';

/** how long a learner has a lab, ms */
const STAY = 3_000;
/** a place is told within so long, ms: a first claim must be refused before anybody queues */
const SOON = 5_000;
const PATIENCE = 1_800_000;

interface Wait {
  /** ms since the epoch */
  readonly pressed: number;
  readonly had: number;
  /** times that a waiting page was looked at, and that it told no place */
  readonly looks: number;
  readonly unsaid: number;
  readonly failed: string | null;
}

/** `n` requests on a pool of `pool`, and no more pods than that: the namespace's quota says so. */
export function queue(n: number, pool: number): Part {
  return {
    name: `${n} requests on a pool of ${pool}`,
    async run(say) {
      await using on = await clusterWorld({ warm: { base: pool } });
      await bound(on, pool);
      const people: Learner[] = [];
      for (let i = 0; i < n; i += 1) people.push(await learner(on.world.url, `qq${i}`));
      await warmOnes(on, pool);
      const began = performance.now();
      const done = counter(n, say);
      const waits = await Promise.all(
        people.map(async (person, i) => {
          await sleep(i * 10); // one after the other, so that there is an order
          return done(await visit(person));
        }),
      );
      const seconds = (performance.now() - began) / 1000;
      say(`${n} labs in ${seconds.toFixed(0)} s; failed: ${failures(waits)}`);
      return rows(waits, pool, `${n} on ${pool}`);
    },
  };
}

/** what an installation is given; pods that end count until they are gone */
async function bound(on: ClusterWorld, pods: number): Promise<void> {
  const { cluster } = await openShared();
  const metadata = { name: 'pool', namespace: on.namespace };
  const spec = { hard: { pods: String(pods) } };
  await cluster.apply({ apiVersion: 'v1', kind: 'ResourceQuota', metadata, spec });
}

/** A learner whose page follows the lab: what it shows after each piece of news is a look. */
async function visit(person: Learner): Promise<Wait> {
  const pressed = Date.now();
  let [looks, unsaid] = [0, 0];
  const over = (had: number, failed: string | null): Wait => ({ pressed, had, looks, unsaid, failed });
  const look = (lab: Lab): void => {
    if (Date.now() - pressed < SOON || !isWaiting(lab)) return;
    looks += 1;
    if (!toldPlace(lab)) unsaid += 1;
  };
  try {
    const ask = { course: 'first-steps', lesson: '1-how-a-lab-works' };
    const lab = await untilReady(person, await person.json<Lab>('POST', '/api/labs', ask), PATIENCE, look);
    await sleep(STAY);
    await person.json('DELETE', `/api/labs/${lab.id}`);
    return over(hadAt(lab), null);
  } catch (error) {
    return over(Date.now(), String(error));
  }
}

/** no sandbox yet, and none being started for it */
function isWaiting(lab: Lab): boolean {
  return lab.sandbox === null && lab.stages.at(-1)?.name !== 'cold' && lab.state !== 'ready';
}
function toldPlace(lab: Lab): boolean {
  const last = lab.stages.at(-1);
  return last?.name === 'queued' && /\d+(st|nd|rd|th)/.test(last.text);
}
/** when waiting was over: it starts, or was there */
function hadAt(lab: Lab): number {
  const after = lab.stages.find(({ name }) => name === 'cold' || name === 'home');
  return after?.at ?? 0;
}

function counter(n: number, say: (line: string) => void): (wait: Wait) => Wait {
  let done = 0;
  return (wait) => {
    done += 1;
    if (done % Math.ceil(n / 10) === 0) say(`${done} of ${n} had their lab`);
    return wait;
  };
}

function failures(waits: readonly Wait[]): string {
  const all = waits.flatMap(({ failed }) => failed ?? []);
  return all.length === 0 ? 'none' : `${all.length}, e.g. ${all[0] ?? ''}`;
}

/** Of those who had to wait: who got a place though somebody who pressed a second sooner still waited. */
function overtakers(waits: readonly Wait[]): number {
  return waits.filter((one) =>
    waits.some((two) => two.pressed + 1000 < one.pressed && two.had > one.had + 1000),
  ).length;
}

function rows(waits: readonly Wait[], pool: number, what: string) {
  const sum = (of: (wait: Wait) => number): number => waits.reduce((all, wait) => all + of(wait), 0);
  const looks = sum((wait) => wait.looks);
  const unsaid = sum((wait) => wait.unsaid);
  const waited = waits.slice(pool).map(({ pressed, had }) => (had - pressed) / 1000);
  return [
    figure(`${what}: requests that failed`, [waits.filter(({ failed }) => failed !== null).length], {
      op: '<=',
      value: 0,
    }),
    figure(`${what}: learners who overtook another`, [overtakers(waits)], { op: '<=', value: 0 }),
    figure(
      `${what}: looks at a waiting page without a place, % of ${looks}`,
      [(100 * unsaid) / Math.max(1, looks)],
      { op: '<=', value: 0 },
    ),
    figure(`${what}: wait for a sandbox, s`, waited, null),
  ];
}
