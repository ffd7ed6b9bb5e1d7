/** Server memory for each attached, idle terminal. */
import { setTimeout as sleep } from 'node:timers/promises';
import { openWorld, type World } from '../world/server.ts';
import { learner } from '../world/learner.ts';
import type { TerminalClient } from '../../sandbox-server/sandboxes/link/terminal-client.ts';
import type { Bench } from './run.ts';
import { ours, residentBytes } from './terminals.ts';
import { figure } from './table.ts';

/** One writer and viewers: the server holds two sockets for each alike. */
const TERMINALS = 192;
const KIB = 1024;

export const bench: Bench = {
  says: 'server memory for each attached, idle terminal',
  rounds: 3,
  async run(rounds, say) {
    await using world = await openWorld({ groups: { '*': { roles: ['learner'], labs: 3 } } });
    const each: number[] = [];
    for (let round = 0; round < rounds; round++) {
      each.push((await attach(world, TERMINALS)) / KIB);
      say(`round ${round + 1} of ${rounds}: ${each.at(-1)?.toFixed(0)} KiB`);
    }
    return [figure('KiB an attached, idle terminal', each, { op: '<=', value: 110 })];
  },
};

async function attach(world: World, count: number): Promise<number> {
  const labs = await Promise.all(
    ['ada', 'noa', 'nob', 'noc'].map(async (name) => {
      const person = await learner(world.url, name);
      return { person, lab: await person.start('first-steps', '1-how-a-lab-works') };
    }),
  );
  const clients: TerminalClient[] = [];
  const open = async (n: number): Promise<void> => {
    for (let i = 0; i < n; i++) {
      const of = labs[i % labs.length];
      if (of === undefined) throw new RangeError('no lab');
      clients.push(
        await ours(world.url, of.person, of.lab.id, String(1 + (Math.floor(i / 4) % 12)), {
          from: -1,
          keep: false,
        }),
      );
    }
  };
  await open(16); // code paths warm, buffers of the pool taken
  await sleep(3000);
  const before = await residentBytes(world.pid);
  await open(count);
  await sleep(3000);
  const after = await residentBytes(world.pid);
  for (const client of clients) client.cut();
  await sleep(1000);
  return (after - before) / count;
}
