/**
 * JupyterHub + JupyterLab as people run them (jupyterhub 6.1.1, jupyterlab 4.6.6, configurable-http-proxy 5.3.0), each
 * user's server a process of its own. Installed once under .palestra/bench/ (about 90 s).
 */
import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, open, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { freePort } from '../../world/server.ts';

const run = promisify(execFile);
export const FOLDER = resolve(import.meta.dirname, '../../../.palestra/bench/jupyterhub');
const PYTHON = ['jupyterhub==6.1.1', 'jupyterlab==4.6.6', 'jupyter_server==2.21.1'];
export const PASSWORD = 'bench'.repeat(8);

export interface Hub extends AsyncDisposable {
  readonly url: string;
  /** pids of everything one user's server runs */
  pidsOf(user: string): Promise<readonly number[]>;
}

export async function installHub(say: (line: string) => void): Promise<void> {
  const done = join(FOLDER, 'installed');
  if (existsSync(done)) return;
  say('installing JupyterHub to compare with (about 90 s, once) …');
  await mkdir(FOLDER, { recursive: true });
  await run('python3', ['-m', 'venv', join(FOLDER, 'venv')]);
  await run(join(FOLDER, 'venv/bin/pip'), ['install', '-q', ...PYTHON]);
  await run('npm', [
    'install',
    '--prefix',
    FOLDER,
    '--no-fund',
    '--no-audit',
    '--loglevel=error',
    'configurable-http-proxy@5.3.0',
  ]);
  await writeFile(done, '');
}

export interface HubOptions {
  /** where users' servers reach the hub */
  readonly host: string;
  readonly env: Readonly<Record<string, string>>;
  /** lines of its configuration: how users' servers are started */
  readonly spawner: string;
}

export async function openHub({ host, env: more, spawner }: HubOptions = LOCAL): Promise<Hub> {
  const folder = await mkdtemp(join(tmpdir(), 'palestra-hub-'));
  const [front, hub, api] = [await freePort(), await freePort(), await freePort()];
  await writeFile(join(folder, 'config.py'), config(folder, { host, front, hub, api }) + spawner);
  const log = await open(join(folder, 'hub.log'), 'a');
  const bin = join(FOLDER, 'venv/bin');
  const env = { ...process.env, ...more, PATH: `${bin}:${process.env['PATH'] ?? ''}` };
  const child = spawn(join(bin, 'jupyterhub'), ['-f', join(folder, 'config.py')], {
    cwd: folder,
    env,
    stdio: ['ignore', log.fd, log.fd],
  });
  await log.close();
  const url = `http://127.0.0.1:${front}`;
  const until = Date.now() + 120_000;
  while (!(await healthy(url))) {
    if (Date.now() > until)
      throw new Error(`JupyterHub did not start: ${await readFile(join(folder, 'hub.log'), 'utf8')}`);
    await sleep(200);
  }
  return {
    url,
    pidsOf: serverOf,
    async [Symbol.asyncDispose]() {
      const ended = once(child, 'exit');
      child.kill('SIGTERM');
      await ended;
      await rm(folder, { recursive: true, force: true });
    },
  };
}

async function healthy(url: string): Promise<boolean> {
  try {
    return (await fetch(`${url}/hub/health`)).ok;
  } catch (error) {
    if (error instanceof TypeError) return false;
    throw error;
  }
}

/** A user's server carries its user in the environment; its children (shells) inherit it. */
async function serverOf(user: string): Promise<readonly number[]> {
  const { stdout } = await run('sh', [
    '-c',
    `grep -lzx "PALESTRA_BENCH_USER=${user}" /proc/[0-9]*/environ 2>/dev/null || true`,
  ]);
  return stdout
    .split('\n')
    .flatMap((line) => /\/proc\/(\d+)\//.exec(line)?.[1] ?? [])
    .map(Number);
}

/** each user's server a process of this machine */
const LOCAL: HubOptions = {
  host: '127.0.0.1',
  env: {},
  spawner: `
c.JupyterHub.spawner_class = 'simple'
c.SimpleLocalProcessSpawner.home_dir_template = os.path.join(os.getcwd(), 'home', '{username}')
c.Spawner.cmd = ['${FOLDER}/venv/bin/jupyterhub-singleuser']
c.Spawner.args = ['--allow-root']
c.Spawner.environment = {'PALESTRA_BENCH_USER': lambda spawner: spawner.user.name}
`,
};

interface Listens {
  readonly host: string;
  readonly front: number;
  readonly hub: number;
  readonly api: number;
}

function config(folder: string, { host, front, hub, api }: Listens): string {
  return `
import os
c = get_config()
c.JupyterHub.bind_url = 'http://127.0.0.1:${front}'
c.JupyterHub.hub_bind_url = 'http://${host}:${hub}'
c.ConfigurableHTTPProxy.api_url = 'http://127.0.0.1:${api}'
c.ConfigurableHTTPProxy.command = ['${FOLDER}/node_modules/.bin/configurable-http-proxy']
c.JupyterHub.authenticator_class = 'dummy'
c.DummyAuthenticator.password = '${PASSWORD}'
c.Authenticator.allow_all = True
c.Spawner.default_url = '/lab'
c.Spawner.http_timeout = 240
c.Spawner.start_timeout = 240
c.JupyterHub.concurrent_spawn_limit = 100
c.JupyterHub.db_url = 'sqlite:///${folder}/hub.sqlite'
c.JupyterHub.cookie_secret_file = '${folder}/cookie_secret'
`;
}
