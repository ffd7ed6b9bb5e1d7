/**
 * One program that is kept running: what ends is started again, the sooner the longer it had lived. Its output goes to
 * a log, which is put aside when it has grown.
 */
import { spawn, type ChildProcess } from 'node:child_process';
import { closeSync, openSync, renameSync, statSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import type { Daemon } from './daemons.ts';

/** a log that grew beyond is put aside at the next start */
const LOG_BYTES = 50_000_000;
const FIRST_WAIT = 200;
const LONGEST_WAIT = 10_000;
/** one that lived so long begins again with the shortest wait */
const LONG_LIFE = 30_000;

export interface Supervised {
  readonly name: string;
  /** null between an end and the next start */
  readonly pid: number | null;
  /** how often it was started again */
  readonly restarts: number;
  /** how it ended last */
  readonly lastEnd: string | null;
  /** @throws Error when it is not ready within `ms` */
  untilReady(ms: number): Promise<void>;
  isReady(): Promise<boolean>;
  /** Ends it for good, killed after `ms`. */
  stop(ms?: number): Promise<void>;
}

export interface SuperviseOptions {
  readonly log: string;
  readonly env: Readonly<Record<string, string>>;
  readonly cwd: string;
  readonly ask: (daemon: Daemon) => Promise<boolean>;
}

export function waitBefore(attempt: number): number {
  return Math.min(FIRST_WAIT * 2 ** attempt, LONGEST_WAIT);
}

export function supervise(daemon: Daemon, options: SuperviseOptions): Supervised {
  const state = { restarts: 0, lastEnd: null as string | null, attempt: 0 };
  const stopping = new AbortController();
  let child: ChildProcess | null = null;

  const ended = (async () => {
    while (!stopping.signal.aborted) {
      const began = Date.now();
      const { process, end } = launch(daemon, options);
      child = process;
      state.lastEnd = (await end) ?? state.lastEnd;
      child = null;
      if (stopping.signal.aborted) return;
      if (Date.now() - began > LONG_LIFE) state.attempt = 0;
      await delay(waitBefore(state.attempt++), undefined, { signal: stopping.signal }).catch(() => undefined);
      state.restarts += 1;
    }
  })();

  return {
    name: daemon.name,
    get pid() {
      return child?.pid ?? null;
    },
    get restarts() {
      return state.restarts;
    },
    get lastEnd() {
      return state.lastEnd;
    },
    isReady: () => (child === null ? Promise.resolve(false) : options.ask(daemon)),
    async untilReady(ms) {
      const deadline = Date.now() + ms;
      while (child === null || !(await options.ask(daemon))) {
        if (stopping.signal.aborted) throw new Error(`${daemon.name} was ended`);
        if (Date.now() > deadline)
          throw new Error(`${daemon.name} was not ready in ${ms / 1000} s${lastWords(state.lastEnd)}`);
        await delay(40);
      }
    },
    async stop(ms = 5_000) {
      stopping.abort();
      child?.kill('SIGTERM');
      const late = setTimeout(() => child?.kill('SIGKILL'), ms);
      await ended;
      clearTimeout(late);
    },
  };
}

function lastWords(end: string | null): string {
  return end === null ? '' : `; it ended with ${end}`;
}

function launch(daemon: Daemon, options: SuperviseOptions): { process: ChildProcess; end: Promise<string> } {
  const log = openLog(options.log);
  try {
    const [program = '', ...args] = daemon.argv;
    const env = { ...options.env, ...daemon.env };
    const process = spawn(program, args, { cwd: options.cwd, env, stdio: ['ignore', log, log] });
    const end = new Promise<string>((done) => {
      process.once('error', (error) => done(error.message));
      process.once('exit', (code, signal) => done(signal ?? `status ${code}`));
    });
    return { process, end };
  } finally {
    closeSync(log);
  }
}

function openLog(path: string): number {
  if ((statSync(path, { throwIfNoEntry: false })?.size ?? 0) > LOG_BYTES) renameSync(path, `${path}.1`);
  return openSync(path, 'a', 0o600);
}
