/**
 * A data lake of the tests' own: other ports, other state, the same Python environments; and learners in it. With
 * `PALESTRA_LAKE_WORLD=cluster` it is the chart's, on the tests' cluster, and what tests ask of it is the same.
 */
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
import { missing as missingOnCluster, openOnCluster } from './on-cluster.ts';
import { createProvider, type DevelopmentProvider } from '../../../sandbox-server/identity/index.ts';

const ROOT = resolve(import.meta.dirname, '../../..');
/** beside it another one, for who works on the lake while somebody tests */
const PORT = Number(process.env['PALESTRA_TEST_LAKE'] ?? 32_440);
const STATE = join(ROOT, PORT === 32_440 ? '.palestra/stack-lake' : `.palestra/stack-lake-${PORT}`);
const SHARED = join(ROOT, '.palestra/lake');
const LAKE = join(ROOT, 'infra/data-lake/lake.ts');
export const onCluster = process.env['PALESTRA_LAKE_WORLD'] === 'cluster';
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
  /** Starts what does not run. @throws Error with what the lake said of it: a log that CI cuts keeps its end */
  up(): Promise<void>;
  /** one command of the lake with --json, its lines parsed */
  lake(...words: readonly string[]): Promise<Said>;
  /** folder of its logs, for `inLake` */
  readonly log: string;
  /** a program where the lake's files are */
  inLake(...argv: readonly string[]): Promise<Ran>;
  /** admitted, with a token as the portal would get it */
  learner(user: string): Promise<Learner>;
  provider: DevelopmentProvider;
  /** ends what these tests have opened to see it; the lake stays, for the next file of tests */
  leave(): Promise<void>;
  /** and the lake */
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
  if (onCluster) return missingOnCluster();
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

/** What learners stand on. */
type Ground = Pick<World, 'place' | 'lake' | 'log' | 'inLake' | 'leave' | 'close'>;

export async function openWorld(opening: Opening = {}): Promise<World> {
  const ground = onCluster ? await clusterGround() : await ownGround(opening);
  const { place, lake } = ground;
  let provider: DevelopmentProvider | undefined;
  let clients: Promise<Environment> | undefined;
  return {
    ...ground,
    async up() {
      const { code, lines, seconds } = await lake('up');
      if (code !== 0) throw new Error(`the lake is not up after ${seconds} s: ${JSON.stringify(lines)}`);
    },
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
    async leave() {
      await provider?.close();
      await ground.leave();
    },
    async close() {
      await provider?.close();
      await ground.close();
    },
  };
}

async function clusterGround(): Promise<Ground> {
  const { place, log, inLake, lake, leave } = await openOnCluster(SHARED);
  return {
    // it ends with its cluster
    ...{ place, log, leave, close: leave },
    async inLake(...argv) {
      const { code, stdout } = await inLake(...argv);
      return { code, out: stdout };
    },
    async lake(...words) {
      const began = performance.now();
      // the chart has started it, and ends it
      if (words[0] === 'up') return { code: 0, lines: [], seconds: 0 };
      const { code, stdout } = await lake(...words);
      return { code, lines: linesOf(stdout), seconds: (performance.now() - began) / 1000 };
    },
  };
}

async function ownGround({ fresh = false, ordinary = false }: Opening): Promise<Ground> {
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
  return {
    place,
    lake,
    log: place.folders.log,
    inLake: (program = '', ...args) => run(program, args),
    leave: () => Promise.resolve(),
    close: async () => void (await lake('down')),
  };
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
      done({
        code: code ?? 1,
        lines: linesOf(text),
        seconds: (performance.now() - began) / 1000,
      });
    });
  });
}

function run(
  program: string,
  args: readonly string[],
  options: { readonly env?: NodeJS.ProcessEnv; readonly cwd?: string } = {},
): Promise<Ran> {
  return new Promise((done) => {
    const bounds = { timeout: 120_000, maxBuffer: 8_000_000 };
    execFile(program, args, { ...options, ...bounds }, (error, stdout) => {
      const code = error === null ? 0 : typeof error.code === 'number' ? error.code : 1;
      // colours of the client
      done({ code, out: stdout.replaceAll(/\u001b\[[0-9;]*m/g, '') });
    });
  });
}

function linesOf(text: string): Said['lines'] {
  const lines = text.split('\n').filter((line) => line !== '');
  return lines.map((line) => JSON.parse(line) as Record<string, unknown>);
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
    return run(program, args, { env, cwd: home });
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
