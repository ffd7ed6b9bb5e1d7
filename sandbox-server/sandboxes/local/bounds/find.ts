/** Finds out which bounds this machine gives, by making a group, setting limits and moving a process into it. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { access, constants, mkdir, readFile, stat, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { newId } from '../../ids.ts';
import { NO_BOUNDS, type Bounds, type Limits } from './bounds.ts';
import { cgroupBounds, planV1, planV2 } from './cgroup.ts';

/**
 * All sandboxes together weigh as much as this many programs. With the default, one: four that flood spent the common
 * share, and the keystroke of a fifth waited for its turn (echo p99 39 ms; with sixteen 6 ms; two cores).
 */
const MANY = 16;

const TRIAL: Limits = { memory: 64 * 1024 ** 2, disk: 0, pids: 8, cpu: 1 };

export interface FindOptions {
  /** where cgroups are mounted; default /sys/fs/cgroup */
  readonly mount?: string;
  /** our own groups (/proc/self/cgroup) */
  readonly self?: string;
  /** name of our folder in each hierarchy */
  readonly name: string;
}

/** @returns the strongest bounds that a trial showed to work */
export async function findBounds(options: FindOptions): Promise<Bounds> {
  const mount = options.mount ?? '/sys/fs/cgroup';
  const self = options.self ?? (await readFile('/proc/self/cgroup', 'utf8'));
  const reasons: string[] = [];
  for (const candidate of [v2, v1]) {
    try {
      const bounds = await candidate(mount, self, options.name);
      await tryOut(bounds);
      return bounds;
    } catch (error) {
      // whatever goes wrong here means the same: this kind is not to be had on this machine
      reasons.push(error instanceof Error ? error.message : String(error));
    }
  }
  return NO_BOUNDS(reasons.join('; '));
}

/** v2: the highest folder above ours that we may make groups in (a user's own service manager delegates one). */
async function v2(mount: string, self: string, name: string): Promise<Bounds> {
  const own = /^0::(\/.*)$/m.exec(self)?.[1];
  if (own === undefined) throw new Error('no cgroup v2');
  const controllers = await readFile(join(mount, 'cgroup.controllers'), 'utf8');
  for (const need of ['memory', 'pids', 'cpu']) {
    if (!controllers.split(/\s+/).includes(need)) throw new Error(`cgroup v2 without ${need}`);
  }
  const delegated = await highestWritable(mount, join(mount, own));
  const ours = join(delegated, name);
  const prepare = async () => {
    await writeFile(join(delegated, 'cgroup.subtree_control'), '+memory +pids +cpu');
    await mkdir(ours, { recursive: true });
    await writeFile(join(ours, 'cgroup.subtree_control'), '+memory +pids +cpu');
    await writeFile(join(ours, 'cpu.weight'), String(MANY * 100));
  };
  const plan = (id: string, limits: Limits) => planV2(ours, id, limits);
  return cgroupBounds('cgroup v2', `cgroup v2 at ${ours}`, plan, { parents: [ours], prepare });
}

async function v1(mount: string, _self: string, name: string): Promise<Bounds> {
  const parent = (controller: string) => join(mount, controller, name);
  const parents = { memory: parent('memory'), pids: parent('pids'), cpu: parent('cpu') };
  for (const controller of Object.keys(parents)) {
    if (!(await isFolder(join(mount, controller)))) throw new Error(`no cgroup v1 for ${controller}`);
  }
  const prepare = async () => {
    for (const folder of Object.values(parents)) await mkdir(folder, { recursive: true });
    await writeFile(join(parents.cpu, 'cpu.shares'), String(MANY * 1024));
  };
  const found = `cgroup v1 at ${mount}/{memory,pids,cpu}/${name}`;
  const plan = (id: string, limits: Limits) => planV1(parents, id, limits);
  return cgroupBounds('cgroup v1', found, plan, { parents: Object.values(parents), prepare });
}

/** Moving a process is what a missing delegation refuses, so it is what must be tried. */
async function tryOut(bounds: Bounds): Promise<void> {
  const folders = await bounds.make(newId(), TRIAL);
  const sleeper = spawn('sleep', ['60'], { stdio: 'ignore' });
  const exited = once(sleeper, 'exit');
  try {
    for (const folder of folders) await writeFile(join(folder, 'cgroup.procs'), String(sleeper.pid));
  } finally {
    sleeper.kill('SIGKILL');
    await exited;
    await bounds.remove(folders);
  }
}

async function highestWritable(mount: string, own: string): Promise<string> {
  let found: string | undefined;
  for (let folder = own; folder.startsWith(mount); folder = dirname(folder)) {
    if (await mayWrite(folder)) found = folder;
  }
  if (found === undefined) throw new Error('cgroup v2 is not delegated to this user');
  return found;
}

async function mayWrite(folder: string): Promise<boolean> {
  try {
    for (const name of ['', 'cgroup.procs', 'cgroup.subtree_control'])
      await access(join(folder, name), constants.W_OK);
    return true;
  } catch {
    return false; // access() fails for this reason only: not there, or not ours to write
  }
}

async function isFolder(path: string): Promise<boolean> {
  return stat(path).then(
    (found) => found.isDirectory(),
    (error: unknown) => {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return false;
      throw error;
    },
  );
}
