/** cgroup folders of both versions: what is written where is data, the writing is the same. */
import { mkdir, readFile, rmdir, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { endProcess } from '../process.ts';
import { setTimeout as delay } from 'node:timers/promises';
import type { Bounds, Limits } from './bounds.ts';

/** µs in which a cpu quota is counted */
const CPU_PERIOD = 100_000;

/** for plans whose folders alone matter */
const NONE: Limits = { memory: 0, disk: 0, pids: 0, cpu: 0 };

/** One group's folder and the files to write into it, in order. */
export interface GroupPlan {
  readonly folder: string;
  readonly files: readonly (readonly [name: string, value: string])[];
}

/** @param parent folder of ours in the one hierarchy, with its controllers passed down */
export function planV2(parent: string, id: string, limits: Limits): readonly GroupPlan[] {
  return [
    {
      folder: join(parent, id),
      files: [
        ['memory.max', String(limits.memory)],
        // no swapping around the bound: the agent's terminals would crawl instead of the hog being ended
        ['memory.swap.max', '0'],
        // one process, not the whole sandbox with its agent
        ['memory.oom.group', '0'],
        ['pids.max', String(limits.pids)],
        ['cpu.max', `${Math.round(limits.cpu * CPU_PERIOD)} ${CPU_PERIOD}`],
      ],
    },
  ];
}

/** @param parents folder of ours in each hierarchy */
export function planV1(
  parents: Readonly<Record<'memory' | 'pids' | 'cpu', string>>,
  id: string,
  limits: Limits,
): readonly GroupPlan[] {
  return [
    { folder: join(parents.memory, id), files: [['memory.limit_in_bytes', String(limits.memory)]] },
    { folder: join(parents.pids, id), files: [['pids.max', String(limits.pids)]] },
    {
      folder: join(parents.cpu, id),
      files: [
        ['cpu.cfs_period_us', String(CPU_PERIOD)],
        ['cpu.cfs_quota_us', String(Math.round(limits.cpu * CPU_PERIOD))],
      ],
    },
  ];
}

/** Bounds made of cgroup folders. `prepare` makes the folders above the groups, again and again without harm. */
export function cgroupBounds(
  kind: 'cgroup v2' | 'cgroup v1',
  found: string,
  plan: (id: string, limits: Limits) => readonly GroupPlan[],
  ours: { readonly parents: readonly string[]; readonly prepare: () => Promise<void> },
): Bounds {
  return {
    kind,
    found,
    async make(id, limits) {
      // `doctor` beside a server removes the folder above where it finds it empty
      await ours.prepare();
      const groups = plan(id, limits);
      for (const group of groups) await makeGroup(group);
      return groups.map((group) => group.folder);
    },
    of: (id) => plan(id, NONE).map((group) => group.folder),
    async memoryKills(folders) {
      const counts = await Promise.all(folders.map(killsIn));
      return counts.reduce((sum, n) => sum + n, 0);
    },
    async remove(folders) {
      for (const folder of folders) await endMembers(folder);
      for (const folder of folders) await removeGroup(folder);
    },
    async close() {
      for (const parent of ours.parents) await removeIfEmpty(parent);
    },
  };
}

async function makeGroup(group: GroupPlan): Promise<void> {
  await mkdir(group.folder, { recursive: true });
  for (const [name, value] of group.files) {
    await writeFile(join(group.folder, name), value).catch((error: unknown) => {
      // swap accounting may be switched off in the kernel; then there is no such file
      if (name === 'memory.swap.max' && (error as NodeJS.ErrnoException).code === 'EACCES') return;
      throw error;
    });
  }
}

/** `memory.events` (v2) and `memory.oom_control` (v1) both count in a line `oom_kill N`. */
async function killsIn(folder: string): Promise<number> {
  for (const name of ['memory.events', 'memory.oom_control']) {
    const text = await readFile(join(folder, name), 'utf8').catch((error: unknown) => absent(error, ''));
    const count = /^oom_kill (\d+)$/m.exec(text)?.[1];
    if (count !== undefined) return Number(count);
  }
  return 0;
}

/** Without a process namespace, a program that left its family lives on after the sandbox's own processes. */
async function endMembers(folder: string): Promise<void> {
  const members = await readFile(join(folder, 'cgroup.procs'), 'utf8').catch((error: unknown) =>
    absent(error, ''),
  );
  for (const pid of members.split('\n').filter((line) => line !== '')) endProcess(Number(pid));
}

/** The kernel lets go of the last process a moment after it ended. */
async function removeGroup(folder: string): Promise<void> {
  if (!basename(folder).match(/^[a-z2-7-]{20,40}$/)) throw new Error(`not a sandbox's cgroup: ${folder}`);
  for (let attempt = 0; ; attempt += 1) {
    try {
      return await rmdir(folder);
    } catch (error) {
      const code = (error as NodeJS.ErrnoException).code;
      if (code === 'ENOENT') return;
      if (code !== 'EBUSY' || attempt >= 100) throw error;
      await delay(20);
    }
  }
}

async function removeIfEmpty(folder: string): Promise<void> {
  try {
    await rmdir(folder);
  } catch (error) {
    // sandboxes run on without us, or another driver was quicker
    if (!['EBUSY', 'ENOTEMPTY', 'ENOENT'].includes((error as NodeJS.ErrnoException).code ?? '')) throw error;
  }
}

function absent<T>(error: unknown, value: T): T {
  if ((error as NodeJS.ErrnoException).code === 'ENOENT') return value;
  throw error;
}
