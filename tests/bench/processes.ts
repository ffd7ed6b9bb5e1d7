/** What processes cost, from /proc. */
import { readdir, readFile } from 'node:fs/promises';

/** A process and everything below it. */
export async function treeOf(pid: number): Promise<readonly number[]> {
  const parents = new Map<number, number>();
  for (const entry of await readdir('/proc')) {
    const stat = /^\d+$/.test(entry) ? await readFile(`/proc/${entry}/stat`, 'utf8').catch(gone) : null;
    if (stat !== null) parents.set(Number(entry), Number(fields(stat)[1]));
  }
  const below = (root: number): number[] => [
    root,
    ...[...parents].flatMap(([child, parent]) => (parent === root ? below(child) : [])),
  ];
  return below(pid);
}

/** Proportional set size in bytes: shared pages are counted once over all who share them. */
export async function pss(pids: readonly number[]): Promise<number> {
  const each = await Promise.all(
    pids.map((pid) => readFile(`/proc/${pid}/smaps_rollup`, 'utf8').catch(gone)),
  );
  return each.reduce((sum, text) => sum + Number(/^Pss:\s+(\d+) kB/m.exec(text ?? '')?.[1] ?? 0) * 1024, 0);
}

/** CPU seconds used so far, children that ended included. */
export async function cpuSeconds(pids: readonly number[]): Promise<number> {
  const each = await Promise.all(pids.map((pid) => readFile(`/proc/${pid}/stat`, 'utf8').catch(gone)));
  return each.reduce((sum, stat) => sum + (stat === null ? 0 : ticks(stat) / 100), 0);
}

function ticks(stat: string): number {
  return fields(stat)
    .slice(11, 15)
    .reduce((sum, field) => sum + Number(field), 0);
}
/** The fields after the command's name, which may hold spaces and brackets: state, ppid, … */
function fields(stat: string): readonly string[] {
  return stat.slice(stat.lastIndexOf(')') + 2).split(' ');
}
/** A process may end while it is looked at. */
function gone(error: NodeJS.ErrnoException): null {
  if (error.code === 'ENOENT' || error.code === 'ESRCH') return null;
  throw error;
}
