/** What ran short first while a class worked. Pure. */
import type { Sample } from './machine.ts';
import type { Bottleneck } from './report.ts';

/** processors: nearly all of them, for so many looks in a row: a second alone is nothing that a learner feels */
const BUSY = 0.95;
const IN_A_ROW = 5;
/** memory: what is left is less than a machine needs for itself */
const FREE = 0.1;
/** sandboxes: whoever came last waited so much longer than whoever came first, and longer than a page may say nothing */
const TIMES = 3;
const WAIT_S = 10;

/** @param waits seconds that each learner waited for a sandbox, all from the beginning. @returns null: nothing did */
export function bottleneckOf(samples: readonly Sample[], waits: readonly number[]): Bottleneck | null {
  const found = [processors(samples), memory(samples), sandboxes(waits)];
  return found.filter((one) => one !== null).sort((a, b) => a.at - b.at)[0] ?? null;
}

function processors(samples: readonly Sample[]): Bottleneck | null {
  const at = samples.findIndex((_, i) => {
    const row = samples.slice(i, i + IN_A_ROW);
    return row.length === IN_A_ROW && row.every((each) => each.processors >= BUSY);
  });
  const first = samples[at];
  if (first === undefined) return null;
  return {
    name: 'processors',
    at: first.at,
    text: `all of them were busy for ${IN_A_ROW} s and more; more of them, or fewer learners at once`,
  };
}

function memory(samples: readonly Sample[]): Bottleneck | null {
  const first = samples.find((each) => each.memory <= FREE);
  if (first === undefined) return null;
  const left = Math.round(first.memory * 100);
  return { name: 'memory', at: first.at, text: `${left} % of it was free; more of it, or smaller sandboxes` };
}

function sandboxes(waits: readonly number[]): Bottleneck | null {
  const [longest, shortest] = [Math.max(0, ...waits), Math.min(...waits)];
  if (longest < WAIT_S || longest < TIMES * shortest) return null;
  return {
    name: 'sandboxes',
    at: shortest,
    text: `the last one was there after ${Math.round(longest)} s, the first after ${Math.round(shortest)} s; keep more of them warm`,
  };
}
