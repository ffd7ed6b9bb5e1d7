/** Keycloak from its published distribution, on loopback, ended by its pid. */
import { execFile, execFileSync, spawn, type ChildProcess } from 'node:child_process';
import { createWriteStream, existsSync } from 'node:fs';
import { mkdir, mkdtemp, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { REALM, realm } from './realm.ts';

const VERSION = '26.0.8';
const CACHE = resolve(import.meta.dirname, '../../../.palestra/cache/keycloak');
const ZIP = join(CACHE, `keycloak-quarkus-dist-${VERSION}.zip`);
const HOME = join(CACHE, `keycloak-${VERSION}`);
const ADMIN = { username: 'admin', password: 'only-for-this-run' };
/** It took 72 to 125 s on two busy cores, the first time with a build of its own. */
const START_MS = 420_000;
const INSTALL = ['apt-get', 'install', '-y', '-q', 'maven', 'openjdk-17-jre-headless'] as const;
const run = promisify(execFile);

export interface Keycloak {
  readonly issuer: string;
  /** the administrator's REST interface, below /admin/realms/icsc */
  admin(method: 'GET' | 'PUT' | 'DELETE', path: string, body?: object): Promise<unknown>;
  stop(): Promise<void>;
}

/** What is missing to run it, as a sentence; null: nothing. Under CI=true what is missing is installed. */
export function missing(): string | null {
  const absent = () => ['java', 'mvn', 'python3'].filter((program) => !has(program));
  if (absent().length > 0 && process.env.CI === 'true') {
    const [program, ...args] = INSTALL;
    execFileSync(program, args, { stdio: 'inherit' });
  }
  return absent().length === 0
    ? null
    : `Keycloak needs ${absent().join(' and ')}: apt-get install maven openjdk-17-jre-headless`;
}

export async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  const { port } = server.address() as AddressInfo;
  await new Promise((done) => server.close(done));
  return port;
}

/** @param redirect the portal's callback */
export async function startKeycloak(port: number, redirect: string): Promise<Keycloak> {
  await distribution();
  await mkdir(join(HOME, 'data/import'), { recursive: true });
  await writeFile(join(HOME, 'data/import', `${REALM}-realm.json`), JSON.stringify(realm(redirect)));
  const log = join(CACHE, 'keycloak.log');
  const child = launch(port, log);
  const root = `http://127.0.0.1:${port}`;
  const issuer = `${root}/realms/${REALM}`;
  try {
    await answers(`${issuer}/.well-known/openid-configuration`, child);
  } catch (error) {
    await end(child);
    throw new Error(
      `Keycloak did not start; the end of ${log}:\n${(await readFile(log, 'utf8')).slice(-3000)}`,
      { cause: error },
    );
  }
  return { issuer, admin: (method, path, body) => admin(root, method, path, body), stop: () => end(child) };
}

async function distribution(): Promise<void> {
  await mkdir(CACHE, { recursive: true });
  if (!existsSync(ZIP)) {
    const artifact = `-Dartifact=org.keycloak:keycloak-quarkus-dist:${VERSION}:zip`;
    await run('mvn', ['-q', '-B', 'dependency:copy', artifact, `-DoutputDirectory=${CACHE}`]);
  }
  if (existsSync(HOME)) return;
  // unpacked beside its place and renamed: half a Keycloak is never taken for one. No unzip on fresh machines.
  const draft = await mkdtemp(join(CACHE, 'unpacking-'));
  await run('python3', ['-m', 'zipfile', '-e', ZIP, draft]);
  await rename(join(draft, `keycloak-${VERSION}`), HOME);
  await rm(draft, { recursive: true });
}

function launch(port: number, log: string): ChildProcess {
  const options = [
    'start-dev',
    '--import-realm',
    '--db=dev-mem',
    '--cache=local',
    '--http-host=127.0.0.1',
    `--http-port=${port}`,
  ];
  const env = {
    ...process.env,
    JAVA_OPTS_KC_HEAP: '-Xms64m -Xmx512m',
    KC_BOOTSTRAP_ADMIN_USERNAME: ADMIN.username,
    KC_BOOTSTRAP_ADMIN_PASSWORD: ADMIN.password,
  };
  // its own process group: kc.sh starts java, and both must end
  const child = spawn('bash', [join(HOME, 'bin/kc.sh'), ...options], {
    env,
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true,
  });
  const to = createWriteStream(log);
  child.stdout.pipe(to, { end: false });
  child.stderr.pipe(to, { end: false });
  return child;
}

async function answers(url: string, child: ChildProcess): Promise<void> {
  const deadline = Date.now() + START_MS;
  while (Date.now() < deadline) {
    if (child.exitCode !== null) throw new Error(`it ended with status ${child.exitCode}`);
    const response = await fetch(url, { signal: AbortSignal.timeout(5000) }).catch(() => null);
    if (response?.ok === true) return;
    await new Promise((done) => setTimeout(done, 1000));
  }
  throw new Error(`no answer in ${START_MS / 1000} s`);
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.pid === undefined) return;
  const gone = new Promise((done) => child.once('exit', done));
  process.kill(-child.pid, 'SIGTERM');
  const late = setTimeout(() => child.pid !== undefined && process.kill(-child.pid, 'SIGKILL'), 15_000);
  await gone;
  clearTimeout(late);
}

async function admin(root: string, method: string, path: string, body?: object): Promise<unknown> {
  const form = new URLSearchParams({ grant_type: 'password', client_id: 'admin-cli', ...ADMIN });
  const login = await fetch(`${root}/realms/master/protocol/openid-connect/token`, {
    method: 'POST',
    body: form,
  });
  const { access_token } = (await login.json()) as { access_token: string };
  const headers = { authorization: `Bearer ${access_token}`, 'content-type': 'application/json' };
  const response = await fetch(`${root}/admin/realms/${REALM}${path}`, {
    method,
    headers,
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  if (!response.ok) throw new Error(`${method} ${path}: ${response.status}`);
  const text = await response.text();
  return text === '' ? null : (JSON.parse(text) as unknown);
}

function has(program: string): boolean {
  try {
    execFileSync('sh', ['-c', `command -v ${program}`], { stdio: 'ignore' });
    return true;
  } catch (error) {
    if (error instanceof Error && 'status' in error) return false;
    throw error;
  }
}
