/** A class of 28: all press Start at once; then their server is killed while every terminal prints. */
import { createHash } from 'node:crypto';
import type { TerminalClient } from '../../../sandbox-server/sandboxes/link/terminal-client.ts';
import { clusterWorld, type ClusterWorld } from '../../stack/cluster/world.ts';
import { learner } from '../../world/learner.ts';
import { inTurn, type Part } from '../parts.ts';
import { figure, median, row, type Row } from '../table.ts';
import { attached, end, startBy, starts, warmOnes, type Started } from './starting.ts';

const CLASS = 28;
const ALONE = 4;
/** output that goes on while the server is away */
const COUNT = 'for i in $(seq 1 400); do echo "line $i of many"; sleep 0.05; done; echo th"e end"';

export const classAtOnce: Part = {
  name: `${CLASS} at once`,
  async run(say) {
    await using on = await clusterWorld({ warm: { base: CLASS } });
    say(`${CLASS} pods become ready`);
    await warmOnes(on, CLASS);
    const alone = await starts(on, 'al', ALONE);
    await end(alone);
    await warmOnes(on, CLASS);
    const one = median(alone.map(({ ms }) => ms));
    const people = await Promise.all(
      Array.from({ length: CLASS }, (_, i) => learner(on.world.url, `st${i}`)),
    );
    const settled = await Promise.allSettled(people.map((person) => startBy(on, person)));
    const all = settled.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : []));
    const last = Math.max(...all.map(({ ms }) => ms));
    say(`one alone: ${one.toFixed(0)} ms; ${CLASS} at once: the last prompt after ${last.toFixed(0)} ms`);
    return [
      figure(`${CLASS} at once: starts that failed`, [CLASS - all.length], { op: '<=', value: 0 }),
      row(`${CLASS} at once: the last prompt, ms`, 'one', [{ ours: last, theirs: one }], {
        op: '<=',
        value: 4,
      }),
      ...(await inTurn([{ name: 'a server killed', run: () => restart(on, all) }], say)),
    ];
  },
};

/** The server is killed while every terminal prints, and started again. */
async function restart(on: ClusterWorld, all: readonly Started[]): Promise<readonly Row[]> {
  await warmOnes(on, CLASS); // the pool is full again: what it costs to fill it is not the restart's
  const open = await Promise.all(all.map((started) => printing(on, started)));
  await on.world.restart();
  const began = performance.now();
  const backs = await Promise.all(open.map((one) => back(on, one, began)));
  const same = await Promise.all(backs.map((one) => isSame(on, one)));
  return [
    figure(
      `server killed: all ${all.length} terminals back after it answers, s`,
      [Math.max(...backs.map(({ seconds }) => seconds))],
      { op: '<=', value: 2 },
    ),
    figure('terminals whose bytes are identical to the whole log', [same.filter(Boolean).length], {
      op: '>=',
      value: CLASS,
    }),
  ];
}

interface Open {
  readonly started: Started;
  readonly first: TerminalClient;
}
interface Back extends Open {
  readonly again: TerminalClient;
  readonly seconds: number;
}

async function printing(on: ClusterWorld, started: Started): Promise<Open> {
  const first = await attached(on, started);
  first.type(`${COUNT}\r`);
  await first.untilText('line 3 of', 60_000);
  return { started, first };
}
async function back(on: ClusterWorld, open: Open, began: number): Promise<Back> {
  const again = await attached(on, open.started, { from: open.first.offset, mode: 'read' });
  return { ...open, again, seconds: (performance.now() - began) / 1000 };
}

/** Looked at once all are back: reading whole logs is the bench's own work. */
async function isSame(on: ClusterWorld, { started, first, again }: Back): Promise<boolean> {
  await again.untilText('the end', 120_000);
  const whole = await attached(on, started, { from: first.welcome?.start ?? 0, mode: 'read' });
  await whole.untilText('the end', 120_000);
  for (const client of [first, again, whole]) client.cut();
  return hash(Buffer.concat([first.bytes, again.bytes])) === hash(whole.bytes);
}

/** of what came up to the end of the last line: what follows may still be on its way */
function hash(bytes: Buffer): string {
  const end = bytes.lastIndexOf('the end') + 'the end'.length;
  return createHash('sha256').update(bytes.subarray(0, end)).digest('hex');
}
