/** The sandbox's processes as /proc shows them: all of them where the agent is process 1, else its descendants. */
import { readFile, readdir } from 'node:fs/promises';
import { errnoOf } from '../refusal.ts';

const PAGE = 4096;

export interface Process {
  readonly pid: number;
  readonly parent: number;
  /** id of its session: whoever it was started by and did not leave */
  readonly session: number;
  readonly name: string;
  /** bytes of its own: resident, without what it shares */
  readonly memory: number;
  /** bytes it wrote to disk since it began; 0 where that is not to be read */
  readonly written: number;
}

export async function sandboxProcesses(): Promise<Process[]> {
  const all = await allProcesses();
  return process.pid === 1 ? all.filter(({ pid }) => pid !== 1) : descendantsOf(process.pid, all);
}

async function allProcesses(): Promise<Process[]> {
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name));
  return (await Promise.all(pids.map(readProcess))).filter((one) => one !== null);
}

const MOST_SWEEPS = 10;

/** SIGKILL to everything in a session, again until nothing is left: what forks meanwhile must not get away. */
export async function endSession(session: number): Promise<void> {
  for (let sweep = 0; sweep < MOST_SWEEPS; sweep += 1) {
    const members = (await allProcesses()).filter((one) => one.session === session);
    if (members.length === 0) return;
    for (const { pid } of members) endProcess(pid);
  }
}

export function endProcess(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch (error) {
    if (!['ESRCH', 'EPERM'].includes(errnoOf(error))) throw error;
  }
}

/** Pure. */
export function descendantsOf(root: number, all: readonly Process[]): Process[] {
  const children = Map.groupBy(all, ({ parent }) => parent);
  const found: Process[] = [];
  const open = [root];
  for (let pid = open.pop(); pid !== undefined; pid = open.pop()) {
    for (const child of children.get(pid) ?? []) {
      found.push(child);
      open.push(child.pid);
    }
  }
  return found;
}

async function readProcess(pid: string): Promise<Process | null> {
  try {
    const [stat, statm] = await Promise.all([
      readFile(`/proc/${pid}/stat`, 'latin1'),
      readFile(`/proc/${pid}/statm`, 'latin1'),
    ]);
    const { name, parent, session } = parseStat(stat);
    const [, resident = 0, shared = 0] = statm.split(' ').map(Number);
    return {
      pid: Number(pid),
      parent,
      session,
      name,
      memory: (resident - shared) * PAGE,
      written: await writtenBy(pid),
    };
  } catch (error) {
    if (['ENOENT', 'ESRCH', 'EACCES'].includes(errnoOf(error))) return null;
    throw error;
  }
}

/** `pid (name) state ppid pgrp session …`: the name may hold spaces and brackets, so it ends at the last one. */
export function parseStat(stat: string): { name: string; parent: number; session: number } {
  const end = stat.lastIndexOf(')');
  const [, parent, , session] = stat.slice(end + 2).split(' ');
  return {
    name: stat.slice(stat.indexOf('(') + 1, end),
    parent: Number(parent ?? 0),
    session: Number(session ?? 0),
  };
}

async function writtenBy(pid: string): Promise<number> {
  try {
    return Number(/^write_bytes: (\d+)/m.exec(await readFile(`/proc/${pid}/io`, 'latin1'))?.[1] ?? 0);
  } catch (error) {
    if (['ENOENT', 'ESRCH', 'EACCES', 'EPERM'].includes(errnoOf(error))) return 0;
    throw error;
  }
}
