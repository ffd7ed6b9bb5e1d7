/** Processes known by pid *and* start time: a pid alone may be somebody else's by now. */
import { readFile, readdir } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';

export interface ProcessName {
  readonly pid: number;
  /** clock ticks since boot, from /proc/PID/stat */
  readonly startTime: number;
  /** /proc/sys/kernel/random/boot_id: ticks begin again with each boot */
  readonly boot: string;
}

/** @returns null where no such process is (or it is a zombie: it ended and only waits to be read) */
export async function processName(pid: number): Promise<ProcessName | null> {
  const stat = await readProc(`/proc/${pid}/stat`);
  if (stat === null) return null;
  const fields = statFields(stat);
  if (fields === null || fields.state === 'Z' || fields.state === 'X') return null;
  return { pid, startTime: fields.startTime, boot: await bootId() };
}

export async function isAlive(name: ProcessName): Promise<boolean> {
  const now = await processName(name.pid);
  return now !== null && now.startTime === name.startTime && now.boot === name.boot;
}

/** The command's name may hold spaces and parentheses: count from the last one. */
export function statFields(stat: string): { state: string; parent: number; startTime: number } | null {
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  const [state, parent, startTime] = [fields[0], Number(fields[1]), Number(fields[19])];
  if (state === undefined || Number.isNaN(parent) || Number.isNaN(startTime)) return null;
  return { state, parent, startTime };
}

/** Processes whose parent this is, and theirs, oldest generation first. */
export async function descendants(pid: number): Promise<readonly number[]> {
  const parents = new Map<number, number[]>();
  for (const entry of await readdir('/proc')) {
    if (!/^\d+$/.test(entry)) continue;
    const fields = statFields((await readProc(`/proc/${entry}/stat`)) ?? '');
    if (fields !== null) parents.set(fields.parent, [...(parents.get(fields.parent) ?? []), Number(entry)]);
  }
  const found: number[] = [];
  const queue = [pid];
  for (let next = queue.shift(); next !== undefined; next = queue.shift()) {
    const children = parents.get(next) ?? [];
    found.push(...children);
    queue.push(...children);
  }
  return found;
}

/**
 * Ends a sandbox: everything below its outermost process first, then that one. bubblewrap's outer process
 * must not die first: without `--die-with-parent` (a sandbox outlives the server) what it watches would live on.
 */
export async function endTree(name: ProcessName, ms = 10_000): Promise<void> {
  const deadline = Date.now() + ms;
  while (await isAlive(name)) {
    const below = await descendants(name.pid);
    for (const pid of below) endProcess(pid);
    // nothing below it: not yet in its namespaces
    if (below.length === 0) endProcess(name.pid);
    await delay(10);
    if (Date.now() > deadline) throw new Error(`process ${name.pid} does not end`);
  }
}

/** One that ended by itself meanwhile is no error. */
export function endProcess(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}

/** A process may end between being listed and being read. */
async function readProc(path: string): Promise<string | null> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    if (code === 'ENOENT' || code === 'ESRCH') return null;
    throw error;
  }
}

let boot: Promise<string> | undefined;
function bootId(): Promise<string> {
  boot ??= readFile('/proc/sys/kernel/random/boot_id', 'utf8').then((id) => id.trim());
  return boot;
}
