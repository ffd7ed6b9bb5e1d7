/** A class of 28 logs in and reaches a prompt; what each costs; echo with all typing: against JupyterHub + JupyterLab. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { learner } from '../world/learner.ts';
import { openWorld, type World } from '../world/server.ts';
import type { Bench } from './run.ts';
import { openHubTerminal } from './peers/hub-user.ts';
import { installHub, openHub } from './peers/jupyterhub.ts';
import { cpuSeconds, pss, treeOf } from './processes.ts';
import { figure, median, percentile, row, type Pair } from './table.ts';
import { ours } from './terminals.ts';

const CLASS = 28;
/** 28 people at 5 keys a second */
const KEYS = 40;
const GAP_MS = 200;
const MIB = 1024 * 1024;

/** A seat in the room: somebody at a prompt. */
interface Seat {
  type(key: string): void;
  /** resolves at the next output */
  output(): Promise<void>;
  pids(): Promise<readonly number[]>;
  leave(): void;
}
interface Costs {
  readonly seconds: number;
  readonly memory: number;
  readonly cpu: number;
  readonly echo: number;
}

export const bench: Bench = {
  says: `${CLASS} learners log in, reach a prompt and type, against JupyterHub + JupyterLab`,
  rounds: 3,
  async run(rounds, say) {
    await installHub(say);
    const all: { mine: Costs; theirs: Costs }[] = [];
    for (let round = 0; round < rounds; round++) {
      const mine = await palestra();
      const theirs = await jupyterhub();
      say(
        `round ${round + 1} of ${rounds}: prompts after ${mine.seconds.toFixed(1)} s against ${theirs.seconds.toFixed(1)} s`,
      );
      all.push({ mine, theirs });
    }
    const pairs = (of: keyof Costs): Pair[] =>
      all.map(({ mine, theirs }) => ({ ours: mine[of], theirs: theirs[of] }));
    const sooner = all.map(({ mine, theirs }) => ({ ours: theirs.seconds, theirs: mine.seconds }));
    return [
      row('JupyterHub: all at a prompt, s', 'Palestra, cold', sooner, { op: '>=', value: 30 }),
      row('memory a learner, MiB PSS', 'JupyterHub', pairs('memory'), { op: '<=', value: 0.5 }),
      row('CPU a learner until the prompt, s', 'JupyterHub', pairs('cpu'), { op: '<=', value: 0.15 }),
      row('echo p99 with 28 typing, ms', 'JupyterHub', pairs('echo'), { op: '<=', value: 0.5 }),
      figure(
        'seconds until all 28 are at a prompt',
        all.map(({ mine }) => mine.seconds),
        { op: '<=', value: 3 },
      ),
    ];
  },
};

/** Cold: no sandbox is warm, as when a class comes unannounced. */
async function palestra(): Promise<Costs> {
  await using world = await openWorld({ warm: { base: 0 } });
  return await room((i) => palestraSeat(world, `st${String(i).padStart(2, '0')}`));
}
async function palestraSeat(world: World, name: string): Promise<Seat> {
  const person = await learner(world.url, name);
  const lab = await person.start('first-steps', '1-how-a-lab-works');
  const client = await ours(world.url, person, lab.id, '1', { keep: false, from: -1 });
  return {
    type: (key) => client.type(key),
    async output() {
      const from = client.offset;
      await client.until(() => client.offset > from, 'an echo');
    },
    async pids() {
      const record = JSON.parse(
        await readFile(join(world.state, 'sandboxes', lab.sandbox ?? '', 'record.json'), 'utf8'),
      ) as { process: { pid: number } };
      return treeOf(record.process.pid);
    },
    leave: () => client.cut(),
  };
}

async function jupyterhub(): Promise<Costs> {
  await using hub = await openHub();
  return await room(async (i) => {
    const user = `hub${String(i).padStart(2, '0')}`;
    const terminal = await openHubTerminal(hub, user);
    return {
      type: (key) => terminal.type(key),
      output: () =>
        new Promise((done) => {
          const off = terminal.onData(() => {
            off();
            done();
          });
        }),
      pids: () => hub.pidsOf(user),
      leave: () => terminal[Symbol.dispose](),
    };
  });
}

async function room(seat: (i: number) => Promise<Seat>): Promise<Costs> {
  const began = performance.now();
  const seats = await Promise.all(Array.from({ length: CLASS }, (_, i) => seat(i + 1)));
  const seconds = (performance.now() - began) / 1000;
  const pids = await Promise.all(seats.map((s) => s.pids()));
  const cpu = median(await Promise.all(pids.map(cpuSeconds)));
  const memory = median(await Promise.all(pids.map(pss))) / MIB;
  await sleep(2000);
  const echo = percentile((await Promise.all(seats.map(typing))).flat(), 99);
  for (const s of seats) s.leave();
  return { seconds, memory, cpu, echo };
}

async function typing(seat: Seat, who: number): Promise<number[]> {
  await sleep((who * GAP_MS) / CLASS);
  const times: number[] = [];
  for (let i = 0; i < KEYS; i++) {
    const began = performance.now();
    const output = seat.output();
    seat.type('abcdefghij'[i % 10] ?? 'a');
    await output;
    times.push(performance.now() - began);
    await sleep(Math.max(0, GAP_MS - (performance.now() - began)));
  }
  return times;
}
