/** Keypress → echo, through server and agent against a bare ws + node-pty; and what flooding neighbours do to it. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { openWorld } from '../world/server.ts';
import { learner } from '../world/learner.ts';
import type { TerminalClient } from '../../sandbox-server/sandboxes/link/terminal-client.ts';
import type { Bench } from './run.ts';
import { BareTerminal, barePeer, ours } from './terminals.ts';
import { percentile, row, type Pair } from './table.ts';

const KEYS = 300;

export const bench: Bench = {
  says: 'keypress to echo against a bare ws + node-pty, quiet and beside four flooding neighbours',
  rounds: 5,
  async run(rounds, say) {
    await using world = await openWorld({ warm: { base: 2 } });
    await using peer = await barePeer();
    const ada = await learner(world.url, 'ada');
    const lab = await ada.start('first-steps', '1-how-a-lab-works');
    const client = await ours(world.url, ada, lab.id, '1');
    using bare = await BareTerminal.open(peer);
    const p50: Pair[] = [];
    const p99: Pair[] = [];
    const beside = { slow: [] as Pair[], fast: [] as Pair[] };
    for (let round = 0; round < rounds; round++) {
      say(`round ${round + 1} of ${rounds}`);
      const mine = await keys((key) => echoOurs(client, key));
      const theirs = await keys((key) => echoBare(bare, key));
      p50.push({ ours: percentile(mine, 50), theirs: percentile(theirs, 50) });
      p99.push({ ours: percentile(mine, 99), theirs: percentile(theirs, 99) });
      for (const [speed, rate] of [
        ['slow', 2e6],
        ['fast', 12e6],
      ] as const) {
        const loud = await floods(world.url, rate);
        beside[speed].push({
          ours: percentile(await keys((key) => echoOurs(client, key)), 99),
          theirs: percentile(mine, 99),
        });
        await loud.end();
      }
    }
    return [
      row('echo p50, ms', 'bare ws + pty', p50, { op: '<=', value: 1.3 }),
      row('echo p99, ms', 'bare ws + pty', p99, { op: '<=', value: 2 }),
      row('p99 beside 4 floods at 2 MB/s, ms', 'own quiet p99', beside.slow, { op: '<=', value: 1.5 }),
      row('p99 beside 4 floods at 12 MB/s, ms', 'own quiet p99', beside.fast, { op: '<=', value: 4 }),
    ];
  },
};

/** A line is cleared every 60 keys so that it never wraps. */
async function keys(echo: (key: string) => Promise<number>): Promise<number[]> {
  const times: number[] = [];
  for (let i = 0; i < KEYS; i++) {
    times.push(await echo('abcdefghij'[i % 10] ?? 'a'));
    if (i % 60 === 59) await echo('\x15');
  }
  await echo('\x15');
  return times;
}
async function echoOurs(client: TerminalClient, key: string): Promise<number> {
  const from = client.offset;
  const began = performance.now();
  client.type(key);
  await client.until(() => client.offset > from, 'an echo');
  return performance.now() - began;
}
async function echoBare(bare: BareTerminal, key: string): Promise<number> {
  const from = bare.received;
  const began = performance.now();
  bare.type(key);
  await bare.until(() => bare.received > from);
  return performance.now() - began;
}

/** Four other learners in a process of their own: their browsers are not ours. */
async function floods(url: string, rate: number): Promise<{ end(): Promise<void> }> {
  const script = join(import.meta.dirname, 'peers/flood.ts');
  const child = spawn(process.execPath, [script, url, String(rate)], {
    detached: true,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  await once(child.stdout, 'data');
  await sleep(500);
  return {
    async end() {
      const ended = once(child, 'exit');
      child.kill('SIGTERM');
      await ended;
    },
  };
}
