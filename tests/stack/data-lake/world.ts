/** A data lake of the tests' own: other ports, other state, the same Python environments; and learners in it. */
import { execFile, spawn } from 'node:child_process';
import { mkdir, rm } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { ask, type Answer, type Question } from '../../../infra/data-lake/ask.ts';
import { linkGfal, provideEnvironment, type Environment } from '../../../infra/data-lake/environment.ts';
import { findLake } from '../../../infra/data-lake/find-place.ts';
import { secondNameOf } from '../../../infra/data-lake/issuer/rights.ts';
import { commandOf, lakeEnvironment, ordinary as ordinaryLake } from '../../../infra/data-lake/inside.ts';
import { ownFile, ownFolder } from '../../../infra/data-lake/part.ts';
import {
  audiencesOf,
  type ElementPlace,
  type Endpoint,
  type LakePlace,
} from '../../../infra/data-lake/place.ts';
import { pino } from 'pino';
import { createProvider, type DevelopmentProvider } from '../../../sandbox-server/identity/index.ts';

const ROOT = resolve(import.meta.dirname, '../../..');
/** beside it another one, for who works on the lake while somebody tests */
const PORT = Number(process.env['PALESTRA_TEST_LAKE'] ?? 32_440);
const STATE = join(ROOT, PORT === 32_440 ? '.palestra/stack-lake' : `.palestra/stack-lake-${PORT}`);
const SHARED = join(ROOT, '.palestra/lake');
const LAKE = join(ROOT, 'infra/data-lake/lake.ts');
/** a uid that no server has */
const LEARNER_UID = '1899990900';
/** who is on every machine, is not root, and can walk to no home */
export const ORDINARY = '65534';
export const AS_ORDINARY = ['setpriv', `--reuid=${ORDINARY}`, `--regid=${ORDINARY}`, '--clear-groups'];

export interface Said {
  readonly code: number;
  readonly lines: readonly Record<string, unknown>[];
  readonly seconds: number;
}
export interface World {
  readonly place: LakePlace;
  /** one command of the lake with --json, its lines parsed */
  lake(...words: readonly string[]): Promise<Said>;
  /** admitted, with a token as the portal would get it */
  learner(user: string): Promise<Learner>;
  provider: DevelopmentProvider;
  close(): Promise<void>;
}
export interface Ran {
  readonly code: number;
  /** standard output and error, in their order, without colours */
  readonly out: string;
}
export interface Learner {
  readonly user: string;
  readonly scope: string;
  readonly token: string;
  readonly subject: string;
  readonly home: string;
  /** @param token another one, to see it refused */
  rest(method: string, path: string, body?: unknown, token?: string): Promise<Answer>;
  /** @returns lines of JSON, as Rucio streams them. @throws Error where it is refused */
  rows(method: string, path: string, body?: unknown): Promise<readonly Record<string, unknown>[]>;
  /** a question to a storage element with the learner's token; path below /rucio */
  element(name: string, path: string, question?: Question): Promise<Answer>;
  /** the real client */
  rucio(...words: readonly string[]): Promise<Ran>;
  shell(line: string): Promise<Ran>;
}

/** What is missing on this machine, as a sentence; null: nothing. Under CI it is installed by `up`. */
export function missing(): string | null {
  if (process.getuid?.() !== 0)
    return 'the data lake of the tests needs root: it keeps its servers apart by users';
  return null;
}

export interface Opening {
  /** empties its state first (environments are kept) */
  readonly fresh?: boolean;
  /** another lake beside the tests' own, of somebody who is not root */
  readonly ordinary?: boolean;
}

export async function openWorld({ fresh = false, ordinary = false }: Opening = {}): Promise<World> {
  const state = ordinary ? `${STATE}-ordinary` : STATE;
  const port = ordinary ? PORT + 100 : PORT;
  const place = await findLake({ state, port, shared: SHARED, asRoot: !ordinary });
  const lake = (...words: readonly string[]) =>
    command([...(ordinary ? AS_ORDINARY : []), process.execPath, LAKE, ...words, '--json'], { state, port });
  if (fresh) {
    await lake('down');
    await rm(state, { recursive: true, force: true });
    await rm(place.sockets, { recursive: true, force: true });
    await ownFolder(state, ordinary ? ORDINARY : null, 0o755);
  }
  let provider: DevelopmentProvider | undefined;
  let clients: Promise<Environment> | undefined;
  const world: World = {
    place,
    lake,
    get provider(): DevelopmentProvider {
      if (provider === undefined) throw new Error('nobody was admitted yet');
      return provider;
    },
    async learner(user) {
      provider ??= await providerOf(place);
      clients ??= provideClients(place);
      const token = await provider.tokenFor(user, audiencesOf(place).join(' '), scopesOf(user));
      const said = await lake('admit', '--user', user, '--sub', token.subject);
      if (said.code !== 0) throw new Error(`${user} was not admitted: ${JSON.stringify(said.lines)}`);
      return learnerOf(place, await clients, { user, token: token.token, subject: token.subject });
    },
    async close() {
      await provider?.close();
      await lake('down');
    },
  };
  return world;
}

export function scopesOf(user: string): string {
  return `openid profile wlcg.groups storage.read:/ storage.create:/user/${user} storage.modify:/user/${user}`;
}

/** The portal's provider, on the folder that it shares with the lake's issuer. */
function providerOf(place: LakePlace): Promise<DevelopmentProvider> {
  return createProvider({
    issuer: 'http://localhost:4747/idp',
    portal: 'http://localhost:4747',
    folder: place.idp,
    second: secondNameOf(place),
    log: pino({ level: 'silent' }),
  });
}

function provideClients(place: LakePlace): Promise<Environment> {
  const lock = join(ROOT, 'infra/kits/lake/requirements.lock');
  const signal = AbortSignal.timeout(280_000);
  return provideEnvironment(place, { name: 'clients', lock, signal, onProgress: () => undefined }).then(
    async (environment) => {
      await linkGfal(environment);
      return environment;
    },
  );
}

function command(argv: readonly string[], at: { state: string; port: number }): Promise<Said> {
  const began = performance.now();
  const env = {
    ...process.env,
    PALESTRA_STATE: at.state,
    PALESTRA_LAKE_PORT: String(at.port),
    PALESTRA_LAKE_SHARED: SHARED,
  };
  const [program = '', ...words] = argv;
  return new Promise((done, fail) => {
    const child = spawn(program, words, {
      env,
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    let text = '';
    child.stdout.on('data', (part: Buffer) => (text += part.toString()));
    child.once('error', fail);
    child.once('close', (code) => {
      const lines = text.split('\n').filter((line) => line !== '');
      done({
        code: code ?? 1,
        lines: lines.map((line) => JSON.parse(line) as Record<string, unknown>),
        seconds: (performance.now() - began) / 1000,
      });
    });
  });
}

async function learnerOf(
  place: LakePlace,
  clients: Environment,
  who: { user: string; token: string; subject: string },
): Promise<Learner> {
  const { user, token, subject } = who;
  const home = join(place.root, 'homes', user);
  const owner = ordinaryLake(place) ? ORDINARY : LEARNER_UID;
  await mkdir(join(place.root, 'homes'), { recursive: true, mode: 0o711 });
  await ownFolder(home, owner);
  await ownFolder(join(home, 'etc'), owner);
  await ownFile(join(home, 'etc/rucio.cfg'), clientCfg(place, user, join(home, 'token')), owner);
  await ownFile(join(home, 'token'), token, owner);
  const env = {
    ...lakeEnvironment(place),
    HOME: home,
    USER: user,
    LOGNAME: user,
    RUCIO_HOME: home,
    BEARER_TOKEN_FILE: join(home, 'token'),
    PYTHONWARNINGS: 'ignore',
    TERM: 'dumb',
    PATH: `${join(clients.folder, 'bin')}:/usr/bin:/bin`,
  };
  const shell = (line: string): Promise<Ran> => {
    const inside = commandOf(place, { argv: ['sh', '-c', `{ ${line}\n} 2>&1`], user: LEARNER_UID });
    const [program = '', ...args] = [...(ordinaryLake(place) ? AS_ORDINARY : []), ...inside];
    return new Promise((done) => {
      execFile(program, args, { env, cwd: home, timeout: 120_000, maxBuffer: 8_000_000 }, (error, stdout) => {
        const code = error === null ? 0 : typeof error.code === 'number' ? error.code : 1;
        // colours of the client
        done({ code, out: stdout.replaceAll(/\u001b\[[0-9;]*m/g, '') });
      });
    });
  };
  const rest: Learner['rest'] = (method, path, body, other = token) =>
    ask(place, place.rucio, path, {
      method,
      headers: { 'X-Rucio-Auth-Token': other, 'Content-Type': 'application/json' },
      ms: 60_000,
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
  return {
    user,
    scope: `user.${user}`,
    token,
    subject,
    home,
    rest,
    async rows(method, path, body) {
      const answer = await rest(method, path, body);
      if (answer.status >= 400)
        throw new Error(`${method} ${path}: ${answer.status} ${answer.body.slice(0, 300)}`);
      const lines = answer.body.split('\n').filter((line) => line !== '' && line !== 'Created');
      return lines.map((line) => JSON.parse(line) as Record<string, unknown>);
    },
    element: (name, path, question = {}) =>
      ask(place, elementAt(place, name), `/rucio${path}`, {
        ...question,
        headers: { Authorization: `Bearer ${token}`, ...question.headers },
      }),
    rucio: (...words) =>
      shell(`rucio ${words.map((word) => `'${word.replaceAll("'", "'\\''")}'`).join(' ')}`),
    shell,
  };
}

function elementAt(place: LakePlace, name: string): ElementPlace & Endpoint {
  const found = place.elements.find((element) => element.name === name);
  if (found === undefined) throw new Error(`no element ${name}`);
  return found;
}

function clientCfg(place: LakePlace, user: string, token: string): string {
  const here = `https://${place.rucio.host}:${place.rucio.port}`;
  return [
    '[client]',
    `rucio_host = ${here}`,
    `auth_host = ${here}`,
    `ca_cert = ${place.authority.ca}`,
    'auth_type = oidc',
    `account = ${user}`,
    `auth_token_file_path = ${token}`,
    'request_retries = 3',
    '[policy]',
    'permission = generic',
    'schema = generic',
    'lfn2pfn_algorithm_default = hash',
    '',
  ].join('\n');
}
