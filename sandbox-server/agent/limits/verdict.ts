/** What to end when a bound is passed, and what to say: pure. */
import type { Process } from './processes.ts';

export interface Verdict {
  /** pids to end with SIGKILL */
  readonly end: readonly number[];
  /** a sentence for the learner */
  readonly text: string;
}
const MiB = 1024 * 1024;

/** The biggest process ends; a shell only where nothing else is left. */
export function overMemory(
  processes: readonly Process[],
  bound: number,
  shells: ReadonlySet<number>,
): Verdict | null {
  const used = processes.reduce((sum, { memory }) => sum + memory, 0);
  if (used <= bound) return null;
  const biggest = biggestOf(processes, shells, ({ memory }) => memory);
  if (biggest === undefined) return null;
  const text = `\`${biggest.name}\` was ended: the sandbox used ${mib(used)} MiB of memory, and ${mib(bound)} MiB are its bound.`;
  return { end: [biggest.pid], text };
}

/** Whoever wrote most since the last look ends; with nobody writing it is only said. */
export function overDisk(
  processes: readonly Process[],
  used: number,
  bound: number,
  before: ReadonlyMap<number, number>,
  shells: ReadonlySet<number>,
): Verdict | null {
  if (used <= bound) return null;
  const since = ({ pid, written }: Process): number => written - (before.get(pid) ?? 0);
  const writer = biggestOf(processes, shells, since);
  const full = `Your files take ${mib(used)} MiB, and ${mib(bound)} MiB are the bound. Remove something.`;
  if (writer === undefined || since(writer) < MiB) return { end: [], text: full };
  return { end: [writer.pid], text: `\`${writer.name}\` was ended. ${full}` };
}

/** All processes of the name that there are most of end: one by one a fork bomb would be quicker. */
export function overPids(
  processes: readonly Process[],
  bound: number,
  shells: ReadonlySet<number>,
): Verdict | null {
  if (processes.length <= bound) return null;
  const byName = Map.groupBy(
    processes.filter(({ pid }) => !shells.has(pid)),
    ({ name }) => name,
  );
  const [name, most] = [...byName].sort(([, a], [, b]) => b.length - a.length)[0] ?? ['', []];
  if (most.length === 0) return null;
  const text = `${most.length} processes \`${name}\` were ended: at most ${bound} processes may run at a time.`;
  return { end: most.map(({ pid }) => pid), text };
}

function biggestOf(
  processes: readonly Process[],
  shells: ReadonlySet<number>,
  size: (one: Process) => number,
): Process | undefined {
  const bySize = [...processes].sort((a, b) => size(b) - size(a));
  return bySize.find(({ pid }) => !shells.has(pid)) ?? bySize[0];
}

const mib = (bytes: number): number => Math.round(bytes / MiB);
