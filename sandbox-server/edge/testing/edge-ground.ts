/** A whole edge on a port of the kernel's choice: real store, tickets, relay and previews; learners by name. */
import { request as ask } from 'node:http';
import type { IncomingMessage, OutgoingHttpHeaders } from 'node:http';
import { once } from 'node:events';
import { mkdtemp, mkdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { Config } from '../../contract/config.ts';
import { Problem } from '../../contract/errors.ts';
import type { Course } from '../../contract/lesson.ts';
import type { Catalogue } from '../../catalogue/face.ts';
import { createPreviews, createRelay, createTickets } from '../../relay/index.ts';
import type { AgentLink } from '../../sandboxes/agent-link.ts';
import { testStore } from '../../store/testing/store.ts';
import type { Store } from '../../store/index.ts';
import { silentLog } from '../../telemetry/index.ts';
import { closeCodeOf, createEdge } from '../index.ts';
import type { Edge, EdgeOptions } from '../index.ts';
import { agentWith, checksOf, learners, people, signedInAs } from './two-learners.ts';
import type { Learners, Name, People } from './two-learners.ts';

export interface Answer {
  readonly status: number;
  readonly headers: IncomingMessage['headers'];
  readonly body: string;
  readonly json: unknown;
}
export interface Ask {
  readonly as?: Name;
  readonly method?: string;
  readonly headers?: OutgoingHttpHeaders;
  readonly body?: unknown;
}
export interface EdgeGround extends AsyncDisposable {
  readonly edge: Edge;
  readonly url: URL;
  readonly labs: Learners;
  readonly identity: People;
  readonly store: Store;
  readonly site: string;
  /** as a page of ours asks: same origin, with X-Palestra where it changes something */
  ask(path: string, how?: Ask): Promise<Answer>;
}
export interface GroundOptions {
  readonly names?: readonly Name[];
  readonly agent?: AgentLink;
  readonly site?: Readonly<Record<string, string>>;
  readonly idp?: EdgeOptions['idp'];
  readonly config?: object;
  readonly limits?: EdgeOptions['limits'];
  readonly lake?: EdgeOptions['lake'];
  readonly authoring?: EdgeOptions['authoring'];
}

export async function edgeGround(options: GroundOptions = {}): Promise<EdgeGround> {
  const names = options.names ?? ['ada', 'bob'];
  const store = await testStore();
  for (const name of names) await remember(store, name);
  const site = await mkdtemp(join(tmpdir(), 'palestra-edge-'));
  for (const [file, text] of Object.entries(options.site ?? {})) await put(join(site, file), text);
  const labs = learners(names, options.agent ?? agentWith(new Map()));
  const identity = people(names);
  const log = silentLog();
  const tickets = createTickets({ store });
  const relay = createRelay({ labs, tickets, log, closeCode: closeCodeOf });
  const previews = createPreviews({ store, labs, log });
  const config = Config.parse({ port: 0, ...options.config });
  const edge = await createEdge({
    config,
    identity,
    labs,
    checks: checksOf(),
    catalogue: oneCourse(),
    kits: noKits(),
    relay,
    previews,
    tickets,
    driver: { list: () => Promise.resolve([]) },
    lake: options.lake ?? noLake(),
    siteFolder: site,
    log,
    ...(options.idp === undefined ? {} : { idp: options.idp }),
    ...(options.limits === undefined ? {} : { limits: options.limits }),
    ...(options.authoring === undefined ? {} : { authoring: options.authoring }),
  });
  const url = new URL(await edge.listen());
  return {
    edge,
    url,
    labs,
    identity,
    store,
    site,
    ask: (path, how) => askAt(url, path, how),
    async [Symbol.asyncDispose]() {
      await edge.close();
      await store.close();
      await rm(site, { recursive: true });
    },
  };
}

/** One request with exactly these headers, and Host as the address has it. */
export async function askAt(
  url: URL,
  path: string,
  { as, method = 'GET', headers = {}, body }: Ask = {},
): Promise<Answer> {
  const changes = method !== 'GET' && method !== 'HEAD';
  const text =
    body === undefined
      ? undefined
      : typeof body === 'string' || Buffer.isBuffer(body)
        ? body
        : JSON.stringify(body);
  const sent = ask({
    host: '127.0.0.1',
    port: url.port,
    path,
    method,
    agent: false,
    headers: {
      host: url.host,
      'sec-fetch-site': 'same-origin',
      ...(changes ? { 'x-palestra': '1' } : {}),
      ...(as === undefined ? {} : { cookie: `__Host-palestra=${as}` }),
      ...(text === undefined
        ? {}
        : { 'content-type': 'application/json', 'content-length': Buffer.byteLength(text) }),
      ...headers,
    },
  });
  sent.end(text);
  const [answer] = (await once(sent, 'response')) as [IncomingMessage];
  const bytes = Buffer.concat((await answer.toArray()) as Buffer[]).toString();
  return {
    status: answer.statusCode ?? 0,
    headers: answer.headers,
    body: bytes,
    json: jsonIn(answer, bytes),
  };
}
function jsonIn(answer: IncomingMessage, text: string): unknown {
  return answer.headers['content-type']?.includes('json') === true && text !== ''
    ? JSON.parse(text)
    : undefined;
}
async function put(file: string, text: string): Promise<void> {
  await mkdir(dirname(file), { recursive: true });
  await writeFile(file, text);
}
export async function remember(store: Store, name: Name): Promise<void> {
  const { session, person, until } = signedInAs(name);
  const row = {
    id: person.id,
    iss: 'i',
    sub: name,
    login: name,
    name,
    email: null,
    groups: '[]',
    seen_at: 0,
  };
  await store.db.insertInto('people').values(row).execute();
  const login = {
    hash: session,
    person: person.id,
    created_at: 0,
    until,
    id_token_sub: null,
    access_token: null,
  };
  await store.db
    .insertInto('sessions')
    .values({ ...login, refresh_token: null, access_until: null, scope: null })
    .execute();
}

function oneCourse(): Catalogue {
  const place = { file: 'dask/first/lesson.md', line: 9 };
  const check = { lang: 'bash', code: 'echo yes', place, timeout: 10 };
  const steps = ['a', 'b', 'c'].map((id) => ({ id, title: id, place, checks: [check], solutions: [check] }));
  const lesson = { id: 'first', title: 'First', minutes: 10, steps };
  const course = { id: 'dask', title: 'Dask', groups: [], lessons: [lesson] } as unknown as Course;
  const closed = { ...course, id: 'closed', groups: ['icsc/palestra/authors'] };
  const none = () => undefined;
  const files = () => Promise.resolve([]);
  return {
    courses: [course, closed],
    course: none,
    lesson: (of, id) => (of === 'dask' ? course.lessons.find((each) => each.id === id) : undefined),
    step: none,
    publicLesson: none,
    filesFor: files,
    fixturesFor: files,
  };
}
export function noLake(): EdgeOptions['lake'] {
  const none = () => Promise.reject(new Problem('not-found', 'This platform has no data lake.'));
  return { read: none, watch: none, watched: 0, close: () => undefined };
}
export function noKits(): EdgeOptions['kits'] {
  const kit = { name: 'base', state: 'ready', text: 'Ready', versions: {} } as const;
  const nothing = { [Symbol.dispose]: () => undefined };
  return {
    list: () => [kit],
    get: () => kit,
    ready: () => Promise.resolve(),
    watch: () => nothing,
    close: () => Promise.resolve(),
  };
}
