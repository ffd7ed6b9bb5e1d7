/** The box from outside: opened, found again, closed. It is one process tree, one cable and one cgroup. */
import { spawn } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { z } from 'zod';
import { Problem } from '../../../sandbox-server/contract/errors.ts';
import {
  descendants,
  endProcess,
  isAlive,
  processName,
  type ProcessName,
} from '../../../sandbox-server/sandboxes/local/process.ts';
import { writeWhole } from '../../machine/write-whole.ts';
import type { BoxWords } from '../box/words.ts';
import type { ClusterPlace } from '../place.ts';
import { plugIn, unplug } from './cable.ts';
import { endCgroups, makeCgroups } from './cgroups.ts';

const MAIN = join(import.meta.dirname, '../box/main.ts');
const Running = z.object({ pid: z.number().int().positive(), startTime: z.number(), boot: z.string() });

/** $1: files to write our pid to, one a line; the rest: the command */
const JOIN_AND_EXEC = 'for file in $1; do echo $$ > "$file" || exit 1; done; shift; exec "$@"';

/**
 * Starts it and puts its cable in; returns while the node in it starts. Its init ends when its only child, the
 * supervisor, does, and then the kernel ends whatever else is in the namespace of processes.
 */
export async function openBox(words: BoxWords): Promise<void> {
  const { place } = words;
  const file = join(place.folders.run, 'words.json');
  await writeFile(file, JSON.stringify(words, null, 2), { mode: 0o600 });
  const groups = await makeCgroups(place.name);
  const log = openSync(join(place.folders.log, 'supervisor.log'), 'a', 0o600);
  try {
    const child = spawn('sh', ['-c', JOIN_AND_EXEC, 'sh', groups.join('\n'), ...commandOf(file)], {
      cwd: place.folders.run,
      env: { PATH: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin', LANG: 'C.UTF-8' },
      stdio: ['ignore', log, log],
      detached: true,
    });
    await new Promise<void>((done, fail) => {
      child.once('error', fail);
      child.once('spawn', done);
    });
    child.unref();
    if (child.pid === undefined) throw new Error('a spawned process has a pid');
    await remember(place, child.pid);
    await plugIn(place, await initOf(child.pid));
  } finally {
    closeSync(log);
  }
}

function commandOf(words: string): readonly string[] {
  return [
    ...['unshare', '--mount', '--propagation', 'private', '--net', '--pid', '--fork', '--kill-child'],
    ...[
      '--mount-proc',
      'catatonit',
      '--',
      process.execPath,
      '--disable-warning=ExperimentalWarning',
      MAIN,
      words,
    ],
  ];
}

/** The first process of the box, as the machine numbers it. */
async function initOf(unshare: number): Promise<number> {
  const deadline = Date.now() + 10_000;
  for (;;) {
    for (const pid of await descendants(unshare)) if (await isInit(pid)) return pid;
    if (Date.now() > deadline) throw new Problem('unavailable', 'The box did not open: see supervisor.log.');
    await delay(10);
  }
}

/** Only once it runs the init: before, it may not have its namespaces yet. */
async function isInit(pid: number): Promise<boolean> {
  const line = await readFile(`/proc/${pid}/cmdline`, 'utf8').catch((error: unknown) => gone(error, ''));
  return line.startsWith('catatonit\0');
}

/** @returns null where no box is open */
export async function runningBox(place: ClusterPlace): Promise<ProcessName | null> {
  const text = await readFile(recordOf(place), 'utf8').catch((error: unknown) => gone(error, null));
  if (text === null) return null;
  const found = Running.parse(JSON.parse(text));
  return (await isAlive(found)) ? found : null;
}

/**
 * Ends everything that a box has left on the machine, whether it is open, half open, or was killed: processes (also
 * those that nobody remembers: they are in its cgroup), cable, cgroups, sockets.
 */
export async function closeBox(place: ClusterPlace): Promise<void> {
  const box = await runningBox(place);
  if (box !== null) await endGently(box);
  await endCgroups(place.name);
  await unplug(place);
  for (const path of [recordOf(place), place.supervisorSocket, place.containerdSocket])
    await rm(path, { force: true });
  await rm(`${place.containerdSocket}.ttrpc`, { force: true });
}

/** The supervisor has 8 s to end etcd and the rest in their order. */
async function endGently(box: ProcessName): Promise<void> {
  for (const pid of await descendants(box.pid)) if (await isInit(pid)) process.kill(pid, 'SIGTERM');
  const deadline = Date.now() + 8_000;
  while ((await isAlive(box)) && Date.now() < deadline) await delay(20);
  if (await isAlive(box)) endProcess(box.pid);
  while (await isAlive(box)) await delay(20);
}

async function remember(place: ClusterPlace, pid: number): Promise<void> {
  const name = await processName(pid);
  if (name === null) throw new Problem('unavailable', 'The box ended at once: see supervisor.log.');
  await mkdir(place.folders.run, { recursive: true });
  await writeWhole(recordOf(place), JSON.stringify(name));
}

function recordOf(place: ClusterPlace): string {
  return join(place.folders.run, 'box.json');
}

function gone<T>(error: unknown, value: T): T {
  if (['ENOENT', 'ESRCH'].includes((error as NodeJS.ErrnoException).code ?? '')) return value;
  throw error;
}
