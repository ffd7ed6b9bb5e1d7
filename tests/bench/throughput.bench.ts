/** 100 MB through a terminal, its log written, against bare node-pty + ws. */
import { openWorld } from '../world/server.ts';
import { learner } from '../world/learner.ts';
import type { Bench } from './run.ts';
import { BareTerminal, barePeer, ours } from './terminals.ts';
import { row, type Pair } from './table.ts';

const BYTES = 100_000_000;
/** 64 printable characters a line, as a compiler's or a batch job's output has */
const COMMAND = `yes 0123456789abcdefghijklmnopqrstuvwxyz0123456789abcdefghijklmnop | head -c ${BYTES}`;

export const bench: Bench = {
  says: '100 MB of output to the client, log written, against bare node-pty + ws',
  rounds: 5,
  async run(rounds, say) {
    await using world = await openWorld();
    await using peer = await barePeer();
    const ada = await learner(world.url, 'ada');
    const lab = await ada.start('first-steps', '1-how-a-lab-works');
    const pairs: Pair[] = [];
    for (let round = 0; round < rounds; round++) {
      const client = await ours(world.url, ada, lab.id, '1', { keep: false, from: -1 });
      const from = client.offset;
      const mine = await rate(
        () => client.type(`${COMMAND}\r`),
        () => client.until(() => client.offset - from > BYTES, 'the end', 120_000),
      );
      await client.untilIdle();
      client.cut();
      using bare = await BareTerminal.open(peer);
      const theirs = await rate(
        () => bare.type(`${COMMAND}\r`),
        () => bare.until(() => bare.received > BYTES, 120_000),
      );
      say(`round ${round + 1} of ${rounds}: ${mine.toFixed(1)} MB/s against ${theirs.toFixed(1)}`);
      pairs.push({ ours: mine, theirs });
    }
    return [row('100 MB, MB/s', 'bare node-pty + ws', pairs, { op: '>=', value: 0.85 })];
  },
};

async function rate(begin: () => void, end: () => Promise<void>): Promise<number> {
  const began = performance.now();
  begin();
  await end();
  return BYTES / 1000 / (performance.now() - began);
}
