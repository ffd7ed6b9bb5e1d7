/**
 * What a part of the lake is, and how its servers are kept. A server is known by pid and start time, so that the
 * next command finds what an earlier one started; each logs into `log/NAME.log`, and runs as its own user in a mount
 * namespace of its own, where /etc/hosts names the lake and the system's certificates hold its authority. Such a
 * namespace ends with its process: nothing is left mounted.
 */
import { spawn } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import { chown, mkdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { isDeepStrictEqual } from 'node:util';
import { z } from 'zod';
import { Problem } from '../../sandbox-server/contract/errors.ts';
import {
  descendants,
  endProcess,
  isAlive,
  processName,
  type ProcessName,
} from '../../sandbox-server/sandboxes/local/process.ts';
import { sentenceOf } from '../machine/sentence.ts';
import { commandOf, lakeEnvironment } from './inside.ts';
import { revisionOf } from './revision.ts';
import { idsOf } from './users.ts';
import type { LakePlace, User } from './place.ts';

/** Stages of `up` as the page shows them, in their order. */
export type Stage =
  | 'user'
  | 'packages'
  | 'environment'
  | 'authority'
  | 'postgres'
  | 'issuer'
  | 'elements'
  | 'transfer'
  | 'rucio'
  | 'daemons';

export interface Health {
  readonly ok: boolean;
  /** what was seen, in a few words */
  readonly found: string;
  /** what to do about it; empty where all is well */
  readonly todo?: string;
  /** bytes, where processes run */
  readonly memory?: number;
  /** its processes live, and it does not answer as it should */
  readonly silent?: true;
}

export interface Part {
  readonly name: string;
  readonly stage: Stage;
  /** Debian packages that it needs */
  readonly packages: readonly string[];
  /** Makes what is missing and starts what does not run; returns when healthy. Safe to call again. */
  start(): Promise<void>;
  /** Asks the real thing, not a record of it; within a second or two. */
  health(): Promise<Health>;
  /** Ends its processes; nothing where none runs. */
  stop(): Promise<void>;
  /** Forgets its data (called when stopped); what was slow to make is kept. */
  reset(): Promise<void>;
}

export interface Server {
  /** of its record and log */
  readonly name: string;
  readonly argv: readonly string[];
  readonly user: User;
  /** beside PATH, LANG and where certificates are */
  readonly env?: Readonly<Record<string, string>>;
  /** default: the run folder */
  readonly cwd?: string;
  /** anything that should make it start anew when it changed, such as its configuration's text */
  readonly revision?: string;
  /** how it is asked to end; default SIGTERM, and the rest is killed after 8 s */
  readonly stop?: Stop;
}
export interface Stop {
  readonly signal: NodeJS.Signals;
  readonly ms: number;
}

const Running = z.object({
  process: z.object({ pid: z.number().int(), startTime: z.number(), boot: z.string() }),
  argv: z.array(z.string()),
  revision: z.string(),
});
type Running = z.infer<typeof Running>;

/** a log that grew beyond is put aside at the next start */
const LOG_BYTES = 20_000_000;

/** Starts a server unless this very one runs already; one with other words or another revision is replaced. */
export async function startServer(place: LakePlace, described: Server): Promise<void> {
  const server = {
    ...described,
    revision: `${described.revision ?? ''} ${await revisionOf(described.argv)}`.trim(),
  };
  const running = await readRunning(place, server.name);
  if (running !== null && (await isAlive(running.process))) {
    const same = isDeepStrictEqual(running.argv, [...server.argv]) && running.revision === server.revision;
    if (same) return;
    await stopServer(place, server.name, server.stop);
  }
  await launch(place, server);
}

async function launch(place: LakePlace, server: Server & { readonly revision: string }): Promise<void> {
  const log = await openLog(place, server.name);
  try {
    const [program = '', ...args] = commandOf(place, server);
    const child = spawn(program, args, {
      cwd: server.cwd ?? place.folders.run,
      env: { ...lakeEnvironment(place), ...server.env },
      stdio: ['ignore', log, log],
      detached: true,
    });
    const name = await new Promise<ProcessName | null>((done, fail) => {
      child.once('error', fail);
      child.once('spawn', () => void processName(child.pid ?? 0).then(done, fail));
    });
    child.unref();
    if (name === null) throw await diedAtOnce(place, server.name);
    await writeRunning(place, server.name, {
      process: { ...name },
      argv: [...server.argv],
      revision: server.revision,
    });
  } finally {
    closeSync(log);
  }
}

/** @returns null where it does not run */
export async function runningServer(place: LakePlace, name: string): Promise<ProcessName | null> {
  const running = await readRunning(place, name);
  return running !== null && (await isAlive(running.process)) ? running.process : null;
}

/** Asks it to end, its whole family killed if it has not in time. */
export async function stopServer(
  place: LakePlace,
  name: string,
  { signal, ms }: Stop = { signal: 'SIGTERM', ms: 8_000 },
): Promise<void> {
  const running = await runningServer(place, name);
  if (running !== null) {
    const family = await descendants(running.pid);
    const names = [running, ...(await Promise.all(family.map(processName)))].filter((one) => one !== null);
    tell(running.pid, signal);
    const deadline = Date.now() + ms;
    while ((await anyAlive(names)) && Date.now() < deadline) await delay(20);
    for (const one of names) if (await isAlive(one)) endProcess(one.pid);
    while (await anyAlive(names)) await delay(20);
  }
  await rm(recordOf(place, name), { force: true });
}

/** Proportional memory of a server and its children, in bytes; 0 where it does not run. */
async function memoryOf(place: LakePlace, name: string): Promise<number> {
  const running = await runningServer(place, name);
  if (running === null) return 0;
  const pids = [running.pid, ...(await descendants(running.pid))];
  const all = await Promise.all(pids.map(memoryOfProcess));
  return all.reduce((sum, one) => sum + one, 0);
}

/** Health from a process that must live and a question it must answer; `ask` throws when the answer is no good. */
export async function healthOf(
  place: LakePlace,
  servers: readonly string[],
  ask: () => Promise<string>,
): Promise<Health> {
  for (const name of servers) {
    if ((await runningServer(place, name)) === null)
      return { ok: false, found: `${name} does not run`, todo: 'node lake.ts up' };
  }
  const memory = (await Promise.all(servers.map((name) => memoryOf(place, name)))).reduce((a, b) => a + b, 0);
  try {
    return { ok: true, found: await ask(), memory };
  } catch (error) {
    const todo = `read ${logOf(place, servers[0] ?? '')}`;
    return { ok: false, found: sentenceOf(error), todo, memory, silent: true };
  }
}

/**
 * Polls until healthy. A server that died meanwhile is not waited for: its last words are the error.
 * @throws Problem `unavailable`
 */
export async function untilHealthy(
  place: LakePlace,
  part: Pick<Part, 'name' | 'health'>,
  servers: readonly string[],
  ms = 60_000,
): Promise<void> {
  const deadline = Date.now() + ms;
  for (;;) {
    const health = await part.health();
    if (health.ok) return;
    for (const name of servers)
      if ((await runningServer(place, name)) === null) throw await diedAtOnce(place, name);
    if (Date.now() > deadline)
      throw new Problem(
        'unavailable',
        `${part.name} did not become healthy in ${ms / 1000} s: ${health.found}.`,
      );
    await delay(50);
  }
}

/** Makes a folder that only this user may enter (its group and others may pass where `mode` says so). */
export async function ownFolder(path: string, user: User, mode = 0o700): Promise<void> {
  await mkdir(path, { recursive: true, mode });
  if (user === null) return;
  const { uid, gid } = await idsOf(user);
  await chown(path, uid, gid);
}

/** Writes a file whole or not at all, for this user's eyes. */
export async function ownFile(path: string, text: string | Buffer, user: User, mode = 0o600): Promise<void> {
  const temporary = `${path}.${process.pid}`;
  await writeFile(temporary, text, { mode });
  if (user !== null) {
    const { uid, gid } = await idsOf(user);
    await chown(temporary, uid, gid);
  }
  await rename(temporary, path);
}

export function logOf(place: LakePlace, name: string): string {
  return join(place.folders.log, `${name}.log`);
}

async function openLog(place: LakePlace, name: string): Promise<number> {
  const path = logOf(place, name);
  const size = await stat(path).then(
    (found) => found.size,
    (error: unknown) => absent(error, 0),
  );
  if (size > LOG_BYTES) await rename(path, `${path}.1`);
  return openSync(path, 'a', 0o600);
}

async function diedAtOnce(place: LakePlace, name: string): Promise<Problem> {
  const text = await readFile(logOf(place, name), 'utf8').catch((error: unknown) => absent(error, ''));
  return new Problem(
    'unavailable',
    `${name} ended: ${text.slice(-600).trim()} (all of it in ${logOf(place, name)})`,
  );
}

async function anyAlive(names: readonly ProcessName[]): Promise<boolean> {
  for (const name of names) if (await isAlive(name)) return true;
  return false;
}

function tell(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}

/** PSS counts shared pages once for all; where the kernel does not tell it, RSS. */
async function memoryOfProcess(pid: number): Promise<number> {
  const rollup = await readText(`/proc/${pid}/smaps_rollup`);
  const pss = /^Pss:\s+(\d+) kB/m.exec(rollup)?.[1];
  if (pss !== undefined) return Number(pss) * 1024;
  return Number(/^VmRSS:\s+(\d+) kB/m.exec(await readText(`/proc/${pid}/status`))?.[1] ?? 0) * 1024;
}

async function readText(path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    // it ended meanwhile, or this kernel has no such file
    if (['ENOENT', 'ESRCH', 'EACCES'].includes((error as NodeJS.ErrnoException).code ?? '')) return '';
    throw error;
  }
}

function recordOf(place: LakePlace, name: string): string {
  return join(place.folders.run, `${name}.json`);
}
async function readRunning(place: LakePlace, name: string): Promise<Running | null> {
  const text = await readFile(recordOf(place, name), 'utf8').catch((error: unknown) => absent(error, null));
  return text === null ? null : Running.parse(JSON.parse(text));
}
async function writeRunning(place: LakePlace, name: string, running: Running): Promise<void> {
  await ownFile(recordOf(place, name), JSON.stringify(running), null);
}

function absent<T>(error: unknown, value: T): T {
  if ((error as NodeJS.ErrnoException).code === 'ENOENT') return value;
  throw error;
}
