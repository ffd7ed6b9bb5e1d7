/** Start → first prompt at the client: warm, cold, and 28 at once; against a bash started in a sandbox of the same kind. */
import { setTimeout as sleep } from 'node:timers/promises';
import { spawn } from 'node-pty';
import { learner, type Learner } from '../world/learner.ts';
import { openWorld } from '../world/server.ts';
import type { Bench } from './run.ts';
import { figure, median, row, type Pair } from './table.ts';
import { ours } from './terminals.ts';

const TRIES = 5;
const CLASS = 28;
/** The walls of the local driver around a bash alone. */
const WALLS = [
  '--unshare-user',
  '--unshare-all',
  '--disable-userns',
  '--cap-drop',
  'ALL',
  '--ro-bind',
  '/usr',
  '/usr',
  '--symlink',
  'usr/bin',
  '/bin',
  '--symlink',
  'usr/lib',
  '/lib',
  '--symlink',
  'usr/lib64',
  '/lib64',
  '--proc',
  '/proc',
  '--dev',
  '/dev',
  '--tmpfs',
  '/tmp',
];

export const bench: Bench = {
  says: 'Start to first prompt, warm and cold, against a bash started in a sandbox of the same kind',
  rounds: 5,
  async run(rounds, say) {
    await using world = await openWorld({ warm: { base: 2 } });
    await using cold = await openWorld({ warm: { base: 0 } });
    await using full = await openWorld({ warm: { base: CLASS } });
    await sleep(20_000);
    const warm: Pair[] = [];
    const colds: number[] = [];
    const classes: number[] = [];
    for (let round = 0; round < rounds; round++) {
      const bash = median(await times(TRIES, () => bashInWalls()));
      const person = await learner(world.url, `warm${round}`);
      const mine = await toPrompt(world.url, person);
      const other = await learner(cold.url, `cold${round}`);
      colds.push((await toPrompt(cold.url, other)) - bash);
      warm.push({ ours: mine, theirs: bash });
      say(`round ${round + 1} of ${rounds}: warm ${mine.toFixed(0)} ms, bash ${bash.toFixed(0)} ms`);
      await sleep(3000); // the pool fills again
    }
    const people = await Promise.all(Array.from({ length: CLASS }, (_, i) => learner(full.url, `st${i}`)));
    classes.push(Math.max(...(await Promise.all(people.map((p) => toPrompt(full.url, p))))));
    return [
      row('warm Start to prompt, ms', 'bash in a sandbox', warm, { op: '<=', value: 6 }),
      figure('cold Start to prompt less that bash, ms', colds, { op: '<=', value: 250 }),
      figure(`${CLASS} warm Starts at once, the last, ms`, classes, { op: '<=', value: 2000 }),
    ];
  },
};

async function toPrompt(url: string, person: Learner): Promise<number> {
  const began = performance.now();
  const lab = await person.start('first-steps', '1-how-a-lab-works');
  const client = await ours(url, person, lab.id, '1');
  const ms = performance.now() - began;
  client.cut();
  return ms;
}

/** From the spawn to the prompt of an interactive bash behind walls of its own. */
async function bashInWalls(): Promise<number> {
  const began = performance.now();
  const pty = spawn('bwrap', [...WALLS, '/bin/bash', '--norc', '-i'], {
    cols: 80,
    rows: 24,
    env: { PATH: '/usr/bin', PS1: 'prompt$ ' },
  });
  await new Promise<void>((done, fail) => {
    let text = '';
    pty.onData((chunk) => {
      text += chunk;
      if (text.includes('prompt$ ')) done();
    });
    pty.onExit(({ exitCode }) => fail(new Error(`bwrap ended with ${exitCode}: ${text}`)));
  });
  const ms = performance.now() - began;
  const ended = new Promise<void>((done) => pty.onExit(() => done()));
  pty.kill();
  await ended;
  return ms;
}
async function times(n: number, one: () => Promise<number>): Promise<number[]> {
  const all: number[] = [];
  for (let i = 0; i < n; i++) all.push(await one());
  return all;
}
