/** The data lake: how soon it is there, how soon a rule is OK, alone and for a class, and what a transfer costs. */
import { randomBytes } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { logOf } from '../../infra/data-lake/part.ts';
import { pathOf, put, rule, ruleState } from '../stack/data-lake/put.ts';
import { openWorld, type Learner, type World } from '../stack/data-lake/world.ts';
import { until } from '../stack/until.ts';
import type { Bench } from './run.ts';
import { figure, median, row, type Pair, type Row } from './table.ts';

const TEN = 10_000_000;
const CLASS = 28;
const FILES = 3;
const N = Date.now().toString(36);

export const bench: Bench = {
  says: 'a warm start, rule to OK for 10 MB, 28 learners x 3 files, a transfer against one COPY by hand',
  rounds: 5,
  async run(rounds, say) {
    const world = await openWorld();
    try {
      return [
        ...(await starts(world, rounds, say)),
        ...(await alone(world, rounds, say)),
        ...(await transfers(world, rounds, say)),
        ...(await together(world, say)),
      ];
    } finally {
      await world.close();
    }
  },
};

async function starts(world: World, rounds: number, say: (line: string) => void): Promise<readonly Row[]> {
  await lake(world, 'up');
  const seconds: number[] = [];
  for (let round = 0; round < rounds; round += 1) {
    await lake(world, 'down');
    const said = await lake(world, 'up');
    seconds.push(said.seconds);
    say(`warm start ${round + 1} of ${rounds}: ${said.seconds.toFixed(1)} s`);
  }
  const parts = (await lake(world, 'status')).lines.at(-1)?.['parts'] as readonly { memory?: number }[];
  const bytes = parts.reduce((sum, part) => sum + (part.memory ?? 0), 0);
  return [
    figure('warm start, s', seconds, { op: '<=', value: 10 }),
    figure('memory, GB', [bytes / 1e9], { op: '<=', value: 1.2 }),
  ];
}

async function alone(world: World, rounds: number, say: (line: string) => void): Promise<readonly Row[]> {
  const learner = await world.learner('benchone');
  const seconds: number[] = [];
  for (let round = 0; round < rounds; round += 1) {
    const name = `ten-${N}-${round}`;
    await put(learner, 'cnaf', name, randomBytes(TEN));
    seconds.push(await ruleToOk(learner, name));
    await forget(world, learner, [name]);
    say(`rule to OK ${round + 1} of ${rounds}: ${seconds.at(-1)?.toFixed(2)} s`);
  }
  return [figure('rule added to OK, 10 MB, s', seconds, { op: '<=', value: 4 })];
}

/** One transfer of the service, from its being asked to its arrival, against one COPY with curl's own headers. */
async function transfers(world: World, rounds: number, say: (line: string) => void): Promise<readonly Row[]> {
  const learner = await world.learner('benchtwo');
  const pairs: Pair[] = [];
  for (let round = 0; round < rounds; round += 1) {
    const [name, size] = [`forty-${N}-${round}`, 40_000_000];
    await put(learner, 'cnaf', name, randomBytes(size));
    const theirs = size / 1e6 / (await copyByHand(world, learner, name));
    await ruleToOk(learner, name);
    const ours = size / 1e6 / (await transferSeconds(world, name));
    pairs.push({ ours, theirs });
    await forget(world, learner, [name]);
    say(`transfer ${round + 1} of ${rounds}: ${ours.toFixed(0)} MB/s, by hand ${theirs.toFixed(0)} MB/s`);
  }
  return [row('transfer, MB/s', 'COPY by hand, MB/s', pairs, { op: '>=', value: 0.7 })];
}

async function together(world: World, say: (line: string) => void): Promise<readonly Row[]> {
  const learners: Learner[] = [];
  for (let n = 0; n < CLASS; n += 1) learners.push(await world.learner(`bench${n}x`));
  say(`${CLASS} learners x ${FILES} files at once`);
  const content = randomBytes(300_000);
  const results = await Promise.allSettled(
    learners.flatMap((learner) =>
      Array.from({ length: FILES }, async (_, file) => {
        const began = performance.now();
        await put(learner, 'cnaf', `class-${N}-${file}`, content);
        await ruleToOk(learner, `class-${N}-${file}`);
        return (performance.now() - began) / 1000;
      }),
    ),
  );
  const failed = results.filter((result) => result.status === 'rejected');
  for (const { reason } of failed) say(String(reason));
  const seconds = results.flatMap((result) => (result.status === 'fulfilled' ? [result.value] : []));
  return [
    figure(`failed requests of ${CLASS} learners x ${FILES} files`, [failed.length], { op: '<=', value: 0 }),
    figure('upload and rule to OK in a class, s (median)', [median(seconds)], { op: '<=', value: 60 }),
    row(
      'slowest of the class, s',
      'median of the class, s',
      [{ ours: Math.max(...seconds), theirs: median(seconds) }],
      { op: '<=', value: 3 },
    ),
  ];
}

async function ruleToOk(learner: Learner, name: string): Promise<number> {
  const began = performance.now();
  const id = await rule(learner, name, 'NAPOLI_USERDISK');
  await until(
    () => ruleState(learner, id),
    (state) => state === 'OK',
    180_000,
  );
  return (performance.now() - began) / 1000;
}

/** Pulled by NAPOLI from CNAF, then removed again. */
async function copyByHand(world: World, learner: Learner, name: string): Promise<number> {
  const path = `${pathOf(learner.user, name)}.by-hand`;
  const parts = path.split('/').slice(1, -1);
  for (let n = 3; n <= parts.length; n += 1)
    await learner.element('napoli', `/${parts.slice(0, n).join('/')}`, { method: 'MKCOL' });
  const [cnaf] = world.place.elements;
  const began = performance.now();
  const answer = await learner.element('napoli', path, {
    method: 'COPY',
    ms: 120_000,
    headers: {
      Source: `https://${cnaf?.host}:${cnaf?.port}/rucio${pathOf(learner.user, name)}`,
      TransferHeaderAuthorization: `Bearer ${learner.token}`,
      Credential: 'none',
    },
  });
  const seconds = (performance.now() - began) / 1000;
  if (!/success/i.test(answer.body)) throw new Error(`COPY by hand: ${answer.status} ${answer.body}`);
  await learner.element('napoli', path, { method: 'DELETE' });
  return seconds;
}

/** From the transfer service's own log: the job's POST before it to its arrival. */
async function transferSeconds(world: World, name: string): Promise<number> {
  const lines = (await readFile(logOf(world.place, 'transfer'), 'utf8')).trimEnd().split('\n');
  let asked = 0;
  for (const line of lines) {
    const entry = JSON.parse(line) as {
      time: string;
      method?: string;
      path?: string;
      msg: string;
      to?: string;
    };
    if (entry.method === 'POST' && entry.path === '/jobs') asked = Date.parse(entry.time);
    if (entry.msg === 'arrived' && entry.to?.endsWith(`/${name}`))
      return (Date.parse(entry.time) - asked) / 1000;
  }
  throw new Error(`the transfer service says nothing of ${name}`);
}

/** Quotas are 50 MB: what was measured makes room. */
async function forget(world: World, learner: Learner, names: readonly string[]): Promise<void> {
  for (const name of names)
    await learner.rest('POST', `/dids/${learner.scope}/${name}/meta/lifetime`, { value: 1 });
  await world.lake('verb', 'forward', '--user', learner.user, 'hours=1');
  await until(
    async () => (await learner.rest('GET', `/dids/${learner.scope}/${names.at(-1) ?? ''}`)).status,
    (status) => status === 404,
  );
  await until(
    async () =>
      (await learner.rows('GET', `/accounts/${learner.user}/usage/local`)).every(
        (one) => Number(one['bytes']) === 0,
      ),
    (empty) => empty,
  );
}

async function lake(world: World, verb: string) {
  const said = await world.lake(verb);
  if (said.code !== 0) throw new Error(`lake ${verb}: ${JSON.stringify(said.lines.at(-1))}`);
  return said;
}
