/** What a cut costs: bytes on the wire against bytes missed, and whether the stream is identical. */
import { createHash } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { openWorld } from '../world/server.ts';
import { learner } from '../world/learner.ts';
import type { Bench } from './run.ts';
import { ours } from './terminals.ts';
import { figure, row, type Pair } from './table.ts';

const COMMAND =
  'for i in $(seq 1 60000); do echo "line $i of a run that goes on while the learner is away"; done';

export const bench: Bench = {
  says: 'bytes sent after a cut against bytes missed, and hash-identical streams',
  rounds: 5,
  async run(rounds, say) {
    await using world = await openWorld();
    const ada = await learner(world.url, 'ada');
    const lab = await ada.start('first-steps', '1-how-a-lab-works');
    const pairs: Pair[] = [];
    const identical: number[] = [];
    for (let round = 0; round < rounds; round++) {
      const first = await ours(world.url, ada, lab.id, '1', { from: 0 });
      first.type(`${COMMAND}\r`);
      await first.until(() => first.offset - (first.welcome?.end ?? 0) > 50_000 * (round + 1), 'some output');
      first.cut();
      const at = first.offset;
      await sleep(500); // the run goes on alone
      const end = await ours(world.url, ada, lab.id, '1', { from: -1 });
      end.cut();
      // a viewer may skip ahead, a writer gets every byte
      const whole = await ours(world.url, ada, lab.id, '1', { from: 0 });
      await whole.until(() => whole.offset >= end.offset, 'the whole log', 60_000);
      const again = await ours(world.url, ada, lab.id, '1', { from: at });
      await again.until(() => again.offset >= whole.offset, 'what was missed');
      pairs.push({ ours: wireBytes(again.socket), theirs: whole.offset - at });
      identical.push(
        hash(Buffer.concat([first.bytes, again.bytes]), whole.offset) === hash(whole.bytes, whole.offset)
          ? 1
          : 0,
      );
      say(`round ${round + 1} of ${rounds}: ${whole.offset - at} bytes missed`);
      whole.cut();
      again.cut();
    }
    return [
      row('bytes on the wire after the cut', 'bytes missed', pairs, { op: '<=', value: 1.1 }),
      figure('streams identical to the whole log (1: yes)', [Math.min(...identical)], { op: '>=', value: 1 }),
    ];
  },
};

/** Everything read from the socket since it opened: frame heads and messages included. */
function wireBytes(socket: unknown): number {
  const { _socket } = socket as { _socket: { bytesRead: number } };
  return _socket.bytesRead;
}
function hash(bytes: Buffer, length: number): string {
  return createHash('sha256').update(bytes.subarray(0, length)).digest('hex');
}
