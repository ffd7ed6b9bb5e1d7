/**
 * Runs a check, setup, answer or undo: as the learner, in the home, under a clean environment, in a session of its
 * own that is ended as a whole when its time is over (a reaper makes a process group of its own, so groups would not do). What it needs lies in a private folder while it runs.
 */
import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import fs from 'node:fs';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { constants } from 'node:os';
import { dirname, join } from 'node:path';
import type { RunResult } from '../../contract/agent.ts';
import type { Environment } from '../environment.ts';
import { endSession } from '../limits/processes.ts';
import { Refusal } from '../refusal.ts';
import { createOutput } from './output.ts';
import { argvOf } from './script.ts';
import type { Script } from './script.ts';

const MOST_OUTPUT = 64 * 1024;
/** ms that output may still come after the script's own end; a service it left running holds the pipe for ever */
const DRAIN = 100;
const TIMED_OUT = 124;

export interface Place {
  /** private folder for code and fixtures */
  readonly private: string;
  readonly home: string;
  readonly env: Environment;
  readonly reaper: readonly string[];
}

/** @param signal aborted when whoever asked has gone: the script is ended */
export async function runScript(script: Script, place: Place, signal: AbortSignal): Promise<RunResult> {
  const folder = await mkdtemp(join(place.private, 'run-'));
  try {
    const file = await layOut(folder, script);
    return await execute(script, file, folder, place, signal);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** @returns the file with the code */
async function layOut(folder: string, { lang, code, fixtures }: Script): Promise<string> {
  await mkdir(join(folder, 'fixtures'));
  for (const { path, content, executable } of fixtures) {
    const target = join(folder, 'fixtures', path);
    await mkdir(dirname(target), { recursive: true });
    await writeFile(target, content, { mode: executable ? 0o755 : 0o644 });
  }
  const file = join(folder, lang === 'python' ? 'script.py' : 'script.sh');
  await writeFile(file, code, { mode: 0o600 });
  return file;
}

async function execute(
  script: Script,
  file: string,
  folder: string,
  place: Place,
  signal: AbortSignal,
): Promise<RunResult> {
  const [command = 'sh', ...args] = argvOf(script.lang, file, place.reaper);
  const started = performance.now();
  const child = spawn(command, args, {
    cwd: fs.existsSync(place.home) ? place.home : '/',
    env: { ...place.env, ...script.env, PALESTRA_FIXTURES: join(folder, 'fixtures') },
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true,
  });
  const stdout = createOutput(MOST_OUTPUT);
  const stderr = createOutput(MOST_OUTPUT);
  child.stdout.on('data', (chunk: Buffer) => stdout.add(chunk));
  child.stderr.on('data', (chunk: Buffer) => stderr.add(chunk));
  const { status, timedOut } = await ending(child, script.timeout * 1000, signal);
  const ms = Math.round(performance.now() - started);
  child.stdout.destroy();
  child.stderr.destroy();
  return { exit: timedOut ? TIMED_OUT : status, stdout: stdout.text(), stderr: stderr.text(), ms, timedOut };
}

async function ending(
  child: ChildProcess,
  ms: number,
  signal: AbortSignal,
): Promise<{ status: number; timedOut: boolean }> {
  let timedOut = false;
  const end = (): void => {
    if (child.pid !== undefined) void endSession(child.pid);
  };
  const late = setTimeout(() => {
    timedOut = true;
    end();
  }, ms);
  signal.addEventListener('abort', end);
  try {
    if (signal.aborted) end();
    return { status: await exit(child), timedOut };
  } catch (error) {
    throw new Refusal('internal', 'A script could not be started in the sandbox.', { cause: error });
  } finally {
    clearTimeout(late);
    signal.removeEventListener('abort', end);
  }
}

/** The exit status; output has been read to its end, or for a moment longer where something still holds the pipe. */
function exit(child: ChildProcess): Promise<number> {
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('exit', (code, signal) => {
      const status = code ?? 128 + (signal === null ? 0 : (constants.signals[signal] ?? 0));
      const drained = setTimeout(() => resolve(status), DRAIN);
      child.on('close', () => {
        clearTimeout(drained);
        resolve(status);
      });
    });
  });
}
