/**
 * A whole Palestra for a test or a bench: the real command in a process of its own, on a port of the kernel's choice and
 * a state folder of its own, so that it can be killed with -9 and started again. Kits and the runtime are shared with
 * the checkout's own state (they are read only), so that a test does not install pandas.
 */
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { chmod, mkdtemp, open, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { stringify } from 'yaml';

const ROOT = resolve(import.meta.dirname, '../..');
const COMMAND = 'sandbox-server/cli/palestra.ts';
/** as `npm start` and the server's image have it: without them V8 keeps 170 MB more for a server that is idle */
const MEMORY = ['--max-semi-space-size=4', '--expose-gc'];

export interface World extends AsyncDisposable {
  readonly url: string;
  readonly state: string;
  /** the server's pid now */
  readonly pid: number;
  /** as a crash: no goodbye, sandboxes stay */
  kill(): Promise<void>;
  /** SIGTERM, as an upgrade does */
  terminate(): Promise<void>;
  /** on the same port and state */
  restart(): Promise<void>;
  /** the server's own words, for a failed test */
  log(): Promise<string>;
  /** ends server and sandboxes and removes the state */
  close(): Promise<void>;
}

/** What is served: the checkout by `start`, or an author's copy of it by `dev`. */
export interface Served {
  readonly root: string;
  readonly verb: 'start' | 'dev';
  /** whatever else the verb takes */
  readonly flags?: readonly string[];
}

/** @param settings laid over the defaults of palestra.yaml */
export async function openWorld(
  settings: Readonly<Record<string, unknown>> = {},
  { root, verb, flags = [] }: Served = { root: ROOT, verb: 'start' },
): Promise<World> {
  const state = await mkdtemp(join(tmpdir(), 'palestra-world-'));
  // sandboxes run as users of their own, who must be able to reach it
  await chmod(state, 0o755);
  const port = await freePort();
  const config = join(state, 'palestra.yaml');
  await writeFile(config, stringify({ warm: { base: 1 }, ...settings }));
  const url = `http://localhost:${port}`;
  const environment = {
    ...process.env,
    PALESTRA_STATE: state,
    PALESTRA_KITS: process.env['PALESTRA_KITS'] ?? join(ROOT, '.palestra'),
  };
  const run = (...args: readonly string[]) => launch(root, state, args, environment);
  const start = () => run(verb, '--port', String(port), '--config', config, ...flags);

  let server = await start();
  await ready(url, server, state);
  const end = async (signal: NodeJS.Signals): Promise<void> => {
    if (server.exitCode !== null || server.signalCode !== null) return;
    const ended = once(server, 'exit');
    server.kill(signal);
    await ended;
  };
  const close = async (): Promise<void> => {
    await end('SIGTERM');
    await once(await run('stop'), 'exit');
    await rm(state, { recursive: true, force: true });
  };
  return {
    url,
    state,
    get pid() {
      return server.pid ?? 0;
    },
    kill: () => end('SIGKILL'),
    terminate: () => end('SIGTERM'),
    async restart() {
      await end('SIGKILL');
      server = await start();
      await ready(url, server, state);
    },
    log: () => readFile(join(state, 'server.out'), 'utf8'),
    close,
    [Symbol.asyncDispose]: close,
  };
}

async function launch(
  root: string,
  state: string,
  args: readonly string[],
  env: NodeJS.ProcessEnv,
): Promise<ChildProcess> {
  const out = await open(join(state, 'server.out'), 'a');
  const child = spawn(process.execPath, [...MEMORY, join(root, COMMAND), ...args], {
    cwd: root,
    env,
    // a session of its own, as a server has: the kernel shares the processor between sessions
    detached: true,
    stdio: ['ignore', out.fd, out.fd],
  });
  child.once('spawn', () => void out.close());
  return child;
}

/** A cold start on a busy machine builds the site first: two minutes, then its own words. */
async function ready(url: string, server: ChildProcess, state: string): Promise<void> {
  const until = Date.now() + 120_000;
  while (Date.now() < until && server.exitCode === null) {
    if (await answers(`${url}/readyz`)) return;
    await sleep(50);
  }
  throw new Error(
    `the server did not come up:\n${(await readFile(join(state, 'server.out'), 'utf8')).slice(-4000)}`,
  );
}

async function answers(url: string): Promise<boolean> {
  try {
    return (await fetch(url)).ok;
  } catch (error) {
    if (error instanceof TypeError) return false; // fetch's word for a refused connection
    throw error;
  }
}

export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  if (address === null || typeof address === 'string') throw new Error('no port');
  return address.port;
}
