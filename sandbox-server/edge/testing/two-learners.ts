/** Ada and Bob, each with one lab: what the edge sees of identity, labs and checks, typed by their faces. */
import { Readable } from 'node:stream';
import type { Checks } from '../../checks/face.ts';
import type { Me } from '../../contract/api.ts';
import { Problem } from '../../contract/errors.ts';
import type { LearnerEvent } from '../../contract/events.ts';
import type { Lab } from '../../contract/lab.ts';
import type { StepProgress } from '../../contract/progress.ts';
import type { Identity, SignedIn } from '../../identity/face.ts';
import { entitlementsOf } from '../../identity/groups.ts';
import type { Labs, OpenLab } from '../../labs/face.ts';
import type { AgentLink } from '../../sandboxes/agent-link.ts';

export type Name = string;
export const labOf = (name: Name): string => idFrom(`lab${name}`);
export const sandboxOf = (name: Name): string => idFrom(`box${name}`);
function idFrom(text: string): string {
  return text
    .replace(/[^a-z2-7]/g, 'a')
    .padEnd(20, '7')
    .slice(0, 20);
}
/** The cookie of a learner is their name: this provider is the test's. Emmy is an author. */
export function signedInAs(name: Name, until = Date.now() + 3_600_000): SignedIn {
  const person = { id: idFrom(`person${name}`), login: name, name, email: null, groups: [] };
  return {
    session: `session-${name}`,
    person,
    until,
    entitlements: entitlementsOf([], {
      '*': { roles: name === 'emmy' ? ['learner', 'author'] : ['learner'], labs: 3 },
    }),
  };
}

export interface People extends Identity {
  /** what `finish` was given */
  readonly finished: { callback: URL; flow: string | undefined }[];
  readonly begun: string[];
}
export function people(names: readonly Name[]): People {
  const out = new Set<string>();
  const listeners = new Set<(session: string, person: string) => void>();
  const finished: People['finished'] = [];
  const begun: string[] = [];
  return {
    finished,
    begun,
    begin: (next) => {
      begun.push(next);
      return Promise.resolve({
        location: new URL('http://provider.example/authorize?x=1'),
        flow: 'flow-value',
      });
    },
    finish: (callback, flow) => {
      finished.push({ callback, flow });
      if (flow !== 'flow-value')
        return Promise.reject(new Problem('not-signed-in', 'This login began in <another> browser.'));
      return Promise.resolve({
        cookie: names[0] ?? '',
        next: begun.at(-1) ?? '/',
        signedIn: signedInAs(names[0] ?? ''),
      });
    },
    known: () => Promise.resolve(null),
    signedIn: (cookie) =>
      Promise.resolve(
        cookie !== undefined && names.includes(cookie) && !out.has(cookie) ? signedInAs(cookie) : null,
      ),
    me: ({ person, entitlements, until }): Me => ({
      ...person,
      groups: [],
      roles: [...entitlements.roles],
      until,
    }),
    signOut: (cookie) => {
      out.add(cookie);
      const { session, person } = signedInAs(cookie);
      for (const listener of listeners) listener(session, person.id);
      return Promise.resolve();
    },
    onSignedOut: (listener) => {
      listeners.add(listener);
      return { [Symbol.dispose]: () => listeners.delete(listener) };
    },
    person: () => Promise.resolve(null),
    sandboxToken: () => Promise.reject(new Problem('forbidden', 'no tokens in this test')),
    clusterDiscovery: () =>
      Promise.resolve({
        issuer: 'https://iam.example.org',
        jwks_uri: 'https://iam.example.org/jwk',
        id_token_signing_alg_values_supported: ['RS256'],
      }),
    close: () => Promise.resolve(),
  };
}

export interface Learners extends Labs {
  tell(name: Name, event: LearnerEvent): void;
  closeLab(name: Name, why: 'paused' | 'ended' | 'lost'): void;
  readonly subscribed: () => number;
}
export function learners(names: readonly Name[], agent: AgentLink): Learners {
  const owned = new Map(names.map((name) => [labOf(name), name]));
  const closed = new Set<(lab: string, why: 'paused' | 'ended' | 'lost') => void>();
  const listening = new Map<string, Set<(event: LearnerEvent) => void>>();
  const labFor = (name: Name): Lab => ({
    id: labOf(name),
    course: 'dask',
    lesson: 'first',
    state: 'ready',
    stages: [],
    user: name,
    sandbox: sandboxOf(name),
    createdAt: 1,
    readyAt: 2,
    keptUntil: 3,
    problem: null,
    token: null,
    isolation: 'enforced',
  });
  const openFor = (name: Name): OpenLab => ({
    lab: labFor(name),
    agent,
    sandbox: {
      id: sandboxOf(name),
      kit: 'base',
      lab: labOf(name),
      agent: { kind: 'unix', path: '/nowhere' },
      isolation: 'enforced',
      startedAt: 1,
    },
  });
  /** Somebody else's is `not-found`, and said otherwise than nobody's: the edge must not pass that on. */
  const mine = (who: SignedIn, lab: string): Name => {
    const owner = owned.get(lab);
    if (owner === undefined) throw new Problem('not-found', `No lab ${lab}.`);
    if (owner !== who.person.login) throw new Problem('not-found', `Lab ${lab} is ${owner}'s.`);
    return owner;
  };
  const one = async (who: SignedIn, lab: string): Promise<Lab> => Promise.resolve(labFor(mine(who, lab)));
  return {
    start: (who) => Promise.resolve(labFor(who.person.login)),
    list: (who) => Promise.resolve([labFor(who.person.login)]),
    get: one,
    pause: one,
    resume: one,
    end: one,
    open: async (who, lab) => Promise.resolve(openFor(mine(who, lab))),
    openUnowned: (lab) => Promise.resolve(openFor(owned.get(lab) ?? '')),
    bySandbox: (sandbox) =>
      Promise.resolve(names.filter((name) => sandboxOf(name) === sandbox).map(openFor)[0] ?? null),
    progress: (_who, course) =>
      Promise.resolve({
        course,
        steps: [step('one', 'done'), step('two', 'skipped'), step('three', 'todo')],
        facts: {},
      }),
    progressOf: (lab) => Promise.resolve({ course: lab, steps: [], facts: {} }),
    languageOf: () => Promise.resolve('en'),
    record: (_lab, progress) => Promise.resolve(progress),
    learn: () => Promise.resolve(),
    subscribe: (person, listener) => {
      const mineNow = listening.get(person) ?? new Set();
      listening.set(person, mineNow.add(listener));
      const name = names.find((candidate) => signedInAs(candidate).person.id === person);
      if (name !== undefined) listener({ type: 'lab', lab: labFor(name) });
      return Promise.resolve({ [Symbol.dispose]: () => mineNow.delete(listener) });
    },
    onClosed: (listener) => {
      closed.add(listener);
      return { [Symbol.dispose]: () => closed.delete(listener) };
    },
    onReady: () => ({ [Symbol.dispose]: () => undefined }),
    adopt: () => Promise.resolve(),
    cease: () => Promise.resolve(),
    onLeft: () => ({ [Symbol.dispose]: () => undefined }),
    close: () => Promise.resolve(),
    tell: (name, event) => listening.get(signedInAs(name).person.id)?.forEach((listener) => listener(event)),
    closeLab: (name, why) => closed.forEach((listener) => listener(labOf(name), why)),
    subscribed: () => [...listening.values()].reduce((sum, some) => sum + some.size, 0),
  };
}

export function step(id: string, state: StepProgress['state']): StepProgress {
  return { lesson: 'first', step: id, state, message: '', at: 1, tries: 0, hints: [], acted: [] };
}
/** Checks that say what they were asked. */
export function checksOf(): Checks {
  const said = (_who: SignedIn, address: { step: string }) => Promise.resolve(step(address.step, 'done'));
  return {
    run: (_who, _step, action, terminal) =>
      action === 'busy'
        ? Promise.reject(
            new Problem('busy', 'Terminal 1 is busy with `watch`.', {
              details: { terminal: '1', command: 'watch' },
            }),
          )
        : Promise.resolve({ terminal: terminal ?? '1', offset: 7 }),
    cell: (_who, _step, asked) =>
      Promise.resolve(asked.do === 'open' ? { lab: { port: 8888, path: '/lab' } } : {}),
    acted: said,
    check: said,
    solution: () => Promise.resolve({ solutions: [{ lang: 'bash', code: 'true' }] }),
    reset: said,
    answer: (_who, _step, answer) => Promise.resolve({ right: answer.text === '42', why: 'because' }),
    openLesson: () => Promise.resolve(),
    prepare: () => Promise.resolve(),
    goTo: (_who, _lab, _lesson, step) =>
      step === 'nowhere'
        ? Promise.reject(new Problem('not-found', 'There is no such step.'))
        : Promise.resolve(),
    renew: () => Promise.resolve(),
    close: () => Promise.resolve(),
  };
}

export interface FakeFiles {
  readonly written: { path: string; text: string; precondition: unknown }[];
}
/** An agent whose home is a map. @param rest what else a test needs of one */
export function agentWith(home: Map<string, string>, rest: Partial<AgentLink> = {}): AgentLink & FakeFiles {
  const nowhere = () => Promise.reject(new Problem('agent-unreachable', 'not in this test'));
  const written: FakeFiles['written'] = [];
  return {
    status: nowhere,
    claim: nowhere,
    tokens: nowhere,
    services: nowhere,
    give: nowhere,
    run: nowhere,
    type: nowhere,
    stop: nowhere,
    terminals: () => Promise.resolve([{ name: '1', prompt: { state: 'idle' }, end: 5 }]),
    closeTerminal: () => Promise.resolve(),
    tree: (path) => Promise.resolve({ path, entries: [], more: false }),
    read: (path) => {
      const text = home.get(path);
      if (text === undefined) return Promise.reject(new Problem('not-found', `There is no ${path}.`));
      return Promise.resolve({
        etag: '"e1"',
        size: Buffer.byteLength(text),
        kind: 'text',
        body: Readable.from([Buffer.from(text)]),
      });
    },
    async write(path, body, precondition) {
      const chunks: Buffer[] = [];
      if (Buffer.isBuffer(body)) chunks.push(body);
      else for await (const chunk of body) chunks.push(chunk as Buffer);
      written.push({ path, text: Buffer.concat(chunks).toString(), precondition });
      return { etag: '"e2"' };
    },
    makeFolder: () => Promise.resolve(),
    move: () => Promise.resolve(),
    remove: () => Promise.resolve(),
    events: () => ({ [Symbol.dispose]: () => undefined }),
    port: nowhere,
    terminalSocket: nowhere,
    ...rest,
    written,
  };
}
