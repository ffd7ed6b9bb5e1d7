/** Ctrl-C → prompt at a slow reader of a flooding terminal, against TCP backpressure alone; and what the server keeps meanwhile. */
import { setTimeout as sleep } from 'node:timers/promises';
import { openWorld, type World } from '../world/server.ts';
import { learner, type Learner } from '../world/learner.ts';
import type { Bench } from './run.ts';
import { BareTerminal, barePeer, ours, residentBytes, type Peer } from './terminals.ts';
import { figure, row, type Pair, type Row } from './table.ts';

const FLOOD = 'yes 0123456789abcdefghijklmnopqrstuvwxyz0123456789abcdefghijklmnop';
const FLOOD_MS = 2000;
const MB = 1024 * 1024;

export const bench: Bench = {
  says: 'Ctrl-C to prompt with a reader of 2 and of 12 MB/s under flood, against TCP backpressure alone',
  rounds: 5,
  async run(rounds, say) {
    await using world = await openWorld();
    await using peer = await barePeer();
    const ada = await learner(world.url, 'ada');
    const lab = await ada.start('first-steps', '1-how-a-lab-works');
    const rows: Row[] = [];
    const growth: number[] = [];
    for (const rate of [2e6, 12e6]) {
      const pairs: Pair[] = [];
      for (let round = 0; round < rounds; round++) {
        const mine = await interruptOurs(world, ada, lab.id, rate);
        growth.push(mine.growth / MB);
        // faster is the other way round: theirs over ours
        pairs.push({ ours: await interruptBare(peer, rate), theirs: mine.ms });
        say(`${rate / 1e6} MB/s, round ${round + 1} of ${rounds}: ${mine.ms.toFixed(1)} ms`);
      }
      rows.push(
        row(`TCP alone, ms, reader of ${rate / 1e6} MB/s`, 'Palestra', pairs, { op: '>=', value: 100 }),
      );
    }
    return [...rows, figure('server growth under flood, MiB', growth, { op: '<=', value: 20 })];
  },
};

async function interruptOurs(
  world: World,
  ada: Learner,
  lab: string,
  rate: number,
): Promise<{ ms: number; growth: number }> {
  const client = await ours(world.url, ada, lab, '1', { rate, keep: false, from: -1 });
  const before = await residentBytes(world.pid);
  client.type(`${FLOOD}\r`);
  await sleep(FLOOD_MS);
  const growth = (await residentBytes(world.pid)) - before;
  const began = performance.now();
  client.type('\x03');
  await client.until(
    () => client.prompt.state === 'idle' && client.drawn === client.offset,
    'the prompt, drawn',
    60_000,
  );
  const ms = performance.now() - began;
  client.cut();
  return { ms, growth };
}

async function interruptBare(peer: Peer, rate: number): Promise<number> {
  using bare = await BareTerminal.open(peer, { rate });
  bare.type(`${FLOOD}\r`);
  await sleep(FLOOD_MS);
  const began = performance.now();
  bare.type('\x03');
  await bare.until(() => bare.tail.endsWith('$ '), 120_000);
  return performance.now() - began;
}
