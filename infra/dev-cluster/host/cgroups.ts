/**
 * The cgroups of a box. Everything in it is below one name, so that whoever was left behind is found there, and pods
 * are counted and bounded by kubelet below the same name. Version 1 has a tree for each controller, version 2 one.
 */
import { mkdir, readFile, readdir, rmdir, stat, statfs, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { endProcess } from '../../../sandbox-server/sandboxes/local/process.ts';

const ROOT = '/sys/fs/cgroup';
const CGROUP2_MAGIC = 0x63677270;
/** programs of the node; the pods' are in `kubepods` beside it */
const NODE = 'node';

async function isVersion2(): Promise<boolean> {
  return (await statfs(ROOT)).type === CGROUP2_MAGIC;
}

/** @returns the files to which a process writes its pid to be in all of them */
export async function makeCgroups(name: string): Promise<readonly string[]> {
  if (await isVersion2()) await delegate(name);
  const trees = await treesOf();
  const groups = trees.map((tree) => join(tree, name, NODE));
  for (const group of groups) {
    await mkdir(group, { recursive: true });
    await inheritCpus(group);
  }
  return groups.map((group) => join(group, 'cgroup.procs'));
}

/** Kills what is in them and removes them. @throws Error when something does not end in 10 s */
export async function endCgroups(name: string): Promise<void> {
  const roots = (await treesOf()).map((tree) => join(tree, name));
  const deadline = Date.now() + 10_000;
  for (const root of roots) {
    while (!(await removed(root))) {
      for (const group of await groupsBelow(root))
        for (const pid of await processesIn(group)) endProcess(pid);
      if (Date.now() > deadline) throw new Error(`processes in ${root} do not end`);
      await delay(20);
    }
  }
}

/** Children before parents. @returns whether nothing is left */
async function removed(root: string): Promise<boolean> {
  for (const group of await groupsBelow(root)) {
    try {
      await rmdir(group);
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      if (code === 'EBUSY' || code === 'ENOTEMPTY') return false;
      if (code !== 'ENOENT') throw error;
    }
  }
  return true;
}

/** Deepest first, the root last; empty where it is not there. */
async function groupsBelow(root: string): Promise<readonly string[]> {
  try {
    const entries = await readdir(root, { withFileTypes: true });
    const children = entries.filter((entry) => entry.isDirectory()).map((entry) => join(root, entry.name));
    const below = await Promise.all(children.map(groupsBelow));
    return [...below.flat(), root];
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw error;
  }
}

async function processesIn(group: string): Promise<readonly number[]> {
  const text = await readFile(join(group, 'cgroup.procs'), 'utf8').catch((error: unknown) => {
    if (['ENOENT', 'ENODEV'].includes((error as NodeJS.ErrnoException).code ?? '')) return '';
    throw error;
  });
  // 0: a process of a namespace of processes that we do not see; never ours, and kill(0) would be ourselves
  return text
    .split('\n')
    .map(Number)
    .filter((pid) => pid > 1);
}

/** Version 1: one tree a controller (some by two names) and often one of version 2 beside them; version 2: the root. */
async function treesOf(): Promise<readonly string[]> {
  if (await isVersion2()) return [ROOT];
  const names = await readdir(ROOT);
  const trees = new Map<number, string>();
  for (const name of names) {
    const tree = join(ROOT, name);
    const { dev } = await stat(tree);
    if (!trees.has(dev)) trees.set(dev, tree);
  }
  return [...trees.values()];
}

/** A cpuset of version 1 begins empty, and takes no process before it has what its parent has. */
async function inheritCpus(group: string): Promise<void> {
  const parent = join(group, '..');
  for (const file of ['cpuset.cpus', 'cpuset.mems']) {
    for (const [from, to] of [
      [join(parent, '..'), parent],
      [parent, group],
    ] as const) {
      const value = await readFile(join(from, file), 'utf8').catch(() => null);
      if (value !== null) await writeFile(join(to, file), value.trim());
    }
  }
}

/** Version 2: controllers are handed down level by level; only leaves hold processes, which is why `node` exists. */
async function delegate(name: string): Promise<void> {
  await mkdir(join(ROOT, name), { recursive: true });
  for (const group of [ROOT, join(ROOT, name)])
    await writeFile(join(group, 'cgroup.subtree_control'), '+cpu +cpuset +memory +pids +io');
}
