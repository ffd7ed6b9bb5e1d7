/**
 * Labs as pods of a real cluster: a warm claim to its first prompt against a cold pod of the same image, what it writes,
 * 28 at once, and a server that is killed under 28 open terminals. JupyterHub and agent-sandbox are not run beside it.
 */
import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Lab } from '../../sandbox-server/contract/lab.ts';
import type { ClientOptions, TerminalClient } from '../../sandbox-server/sandboxes/link/terminal-client.ts';
import { clusterWorld, type ClusterWorld } from '../stack/cluster/world.ts';
import { until } from '../stack/until.ts';
import { learner, type Learner } from '../world/learner.ts';
import { writesIn, type Call } from './audit.ts';
import type { Bench } from './run.ts';
import { figure, median, percentile, row, type Pair, type Row } from './table.ts';
import { ours } from './terminals.ts';

const TRIES = 4;
const CLASS = 28;
/** output that goes on while the server is away */
const COUNT = 'for i in $(seq 1 400); do echo "line $i of many"; sleep 0.05; done; echo th"e end"';

interface Started {
  readonly person: Learner;
  readonly lab: Lab;
  /** from the press of Start to the prompt */
  readonly ms: number;
  /** the same, ms since the epoch */
  readonly from: number;
  readonly to: number;
}

export const bench: Bench = {
  says: 'labs as pods: warm claim to first prompt against a cold pod, API writes, 28 at once, a server killed',
  rounds: 5,
  async run(rounds, say) {
    await using warm = await clusterWorld({ warm: { base: TRIES } });
    await using cold = await clusterWorld({ warm: { base: 0 } });
    const pairs: { warm: number[]; cold: number[] }[] = [];
    const writes: Writes[] = [];
    for (let round = 0; round < rounds; round += 1) {
      await warmOnes(warm, TRIES);
      const mine = await starts(warm, `warm${round}`);
      await warmOnes(warm, TRIES);
      writes.push(...(await writesOf(warm, mine)));
      const theirs = await starts(cold, `cold${round}`);
      pairs.push({ warm: mine.map(({ ms }) => ms), cold: theirs.map(({ ms }) => ms) });
      for (const { person, lab } of [...mine, ...theirs]) await person.json('DELETE', `/api/labs/${lab.id}`);
      say(`round ${round + 1} of ${rounds}: ${shown(mine)} warm, ${shown(theirs)} cold`);
    }
    const one = median(pairs.flatMap((pair) => pair.warm));
    return [...claimRows(pairs, writes), ...(await classRows(one, say))];
  },
};

const shown = (all: readonly Started[]): string => `${median(all.map(({ ms }) => ms)).toFixed(0)} ms`;

async function start(on: ClusterWorld, name: string): Promise<Started> {
  const person = await learner(on.world.url, name);
  return startBy(on, person);
}
async function startBy(on: ClusterWorld, person: Learner): Promise<Started> {
  const [from, began] = [Date.now(), performance.now()];
  const lab = await person.start('first-steps', '1-how-a-lab-works');
  const client = await attached(on, { person, lab });
  const ms = performance.now() - began;
  client.cut();
  return { person, lab, ms, from, to: Date.now() };
}
/** Tries again as a page does where a sandbox on a busy node does not take the socket in time: the learner waits, and it counts. */
async function attached(
  on: ClusterWorld,
  { person, lab }: Pick<Started, 'person' | 'lab'>,
  options: ClientOptions = {},
): Promise<TerminalClient> {
  for (const deadline = Date.now() + 120_000; ; await sleep(250)) {
    try {
      return await ours(on.world.url, person, lab.id, '1', options);
    } catch (error) {
      if (Date.now() > deadline || !/server response: 50[34]/.test(String(error))) throw error;
    }
  }
}
/** One after the other. */
async function starts(on: ClusterWorld, name: string): Promise<readonly Started[]> {
  const all: Started[] = [];
  for (let i = 0; i < TRIES; i += 1) all.push(await start(on, `${name}x${i}`));
  return all;
}
/** until so many are ready and nobody's */
async function warmOnes(on: ClusterWorld, n: number): Promise<void> {
  const ready = "jsonpath={range .items[*]}{.status.conditions[?(@.type=='Ready')].status}{'\\n'}{end}";
  await until(
    () => on.kubectl('get', 'pods', '-l', 'app=warm', '-o', ready),
    (text) => text.split('\n').filter((line) => line === 'True').length >= n,
    300_000,
  );
  await sleep(1000); // their certificates are read
}

interface Writes {
  /** of the server before the prompt */
  readonly own: number;
  /** of the whole cluster until the pool is full again, a claim */
  readonly all: number;
  /** of the claim itself, ms */
  readonly patches: readonly number[];
}
async function writesOf(on: ClusterWorld, all: readonly Started[]): Promise<readonly Writes[]> {
  const [first] = all;
  if (first === undefined || on.folder === null) return [];
  const calls = (await writesIn(join(on.folder, 'log/audit.jsonl'), on.namespace)).filter(
    ({ at }) => at >= first.from,
  );
  const own = (started: Started): readonly Call[] =>
    calls.filter((call) => call.ours && call.at >= started.from && call.at <= started.to);
  return all.map((started) => ({
    own: own(started).length,
    all: calls.length / all.length,
    patches: own(started)
      .filter(({ verb, resource }) => verb === 'patch' && resource === 'pods')
      .map(({ ms }) => ms),
  }));
}

function claimRows(
  rounds: readonly { warm: number[]; cold: number[] }[],
  writes: readonly Writes[],
): readonly Row[] {
  const pairs = (p: number): Pair[] =>
    rounds.map(({ warm, cold }) => ({ ours: percentile(cold, p), theirs: percentile(warm, p) }));
  const written =
    writes.length === 0
      ? []
      : [
          figure(
            'the PATCH of a claim at the API server, ms',
            writes.flatMap(({ patches }) => patches),
            { op: '<=', value: 15 },
          ),
          figure(
            'API writes of the server before the prompt',
            writes.map(({ own }) => own),
            { op: '<=', value: 2 },
          ),
          figure(
            'API writes of everybody until the refill is ready, a claim',
            writes.map(({ all }) => all),
            { op: '<=', value: 20 },
          ),
        ];
  return [
    row('cold pod, Start to prompt p50, ms', 'warm claim', pairs(50), { op: '>=', value: 10 }),
    row('cold pod, Start to prompt p95, ms', 'warm claim', pairs(95), { op: '>=', value: 10 }),
    ...written,
  ];
}

async function classRows(one: number, say: (line: string) => void): Promise<readonly Row[]> {
  await using full = await clusterWorld({ warm: { base: CLASS } });
  say(`${CLASS} pods become ready`);
  await warmOnes(full, CLASS);
  const people = await Promise.all(
    Array.from({ length: CLASS }, (_, i) => learner(full.world.url, `st${i}`)),
  );
  const all = await Promise.all(people.map((person) => startBy(full, person)));
  const last = Math.max(...all.map(({ ms }) => ms));
  say(`${CLASS} at once: the last prompt after ${last.toFixed(0)} ms`);
  const { seconds, identical } = await killed(full, all);
  return [
    row(`${CLASS} claims at once, the last prompt, ms`, 'one claim', [{ ours: last, theirs: one }], {
      op: '<=',
      value: 4,
    }),
    figure(`server killed: all ${CLASS} terminals back after it answers, s`, [seconds], {
      op: '<=',
      value: 2,
    }),
    figure('terminals whose bytes are identical to the whole log', [identical], { op: '>=', value: CLASS }),
  ];
}

/** The server is killed while every terminal prints, and started again. */
async function killed(
  on: ClusterWorld,
  all: readonly Started[],
): Promise<{ seconds: number; identical: number }> {
  const attach = (started: Started, from: number): Promise<TerminalClient> =>
    attached(on, started, { from, mode: 'read' });
  const firsts = await Promise.all(
    all.map(async (started) => {
      const client = await attached(on, started);
      client.type(`${COUNT}\r`);
      await client.untilText('line 3 of', 60_000);
      return client;
    }),
  );
  await on.world.restart();
  const began = performance.now();
  const seconds = await Promise.all(
    all.map(async (started, i) => {
      const first = firsts[i];
      if (first === undefined) return { seconds: 0, same: false };
      const again = await attach(started, first.offset);
      const back = (performance.now() - began) / 1000;
      await again.untilText('the end', 120_000);
      const whole = await attach(started, first.welcome?.start ?? 0);
      await whole.untilText('the end', 120_000);
      const same = hash(Buffer.concat([first.bytes, again.bytes])) === hash(whole.bytes);
      for (const client of [first, again, whole]) client.cut();
      return { seconds: back, same };
    }),
  );
  return {
    seconds: Math.max(...seconds.map((one) => one.seconds)),
    identical: seconds.filter(({ same }) => same).length,
  };
}

/** of what came up to the end of the last line: what follows may still be on its way */
function hash(bytes: Buffer): string {
  const end = bytes.lastIndexOf('the end') + 'the end'.length;
  return createHash('sha256').update(bytes.subarray(0, end)).digest('hex');
}
