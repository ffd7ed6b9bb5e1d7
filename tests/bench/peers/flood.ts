/**
 * Four other learners at their own machines: a process of its own whose terminals print without end, read at a given rate.
 * `node flood.ts URL BYTES_A_SECOND` prints `flooding`; SIGTERM stops the programs and ends it.
 */
import { once } from 'node:events';
import { learner } from '../../world/learner.ts';
import { ours } from '../terminals.ts';

const FLOOD = 'yes 0123456789abcdefghijklmnopqrstuvwxyz0123456789abcdefghijklmnop\r';
const [url = '', rate = ''] = process.argv.slice(2);

const clients = await Promise.all(['noa', 'nob', 'noc', 'nod'].map(flood));
process.stdout.write('flooding\n');
await once(process, 'SIGTERM');
for (const client of clients) {
  client.type('\x03');
  await client.untilIdle(30_000);
  client.cut();
}
process.exit(0);

async function flood(name: string) {
  const neighbour = await learner(url, name);
  const lab = await neighbour.start('first-steps', '1-how-a-lab-works');
  const client = await ours(url, neighbour, lab.id, '1', { rate: Number(rate), keep: false, from: -1 });
  client.type(FLOOD);
  return client;
}
