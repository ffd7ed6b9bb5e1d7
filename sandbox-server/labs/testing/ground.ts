/** Everything around `createLabs` for a test: people, courses, kits, a driver, a database that outlives the server. */
import type { KitState } from '../../contract/api.ts';
import { Problem } from '../../contract/errors.ts';
import type { LearnerEvent } from '../../contract/events.ts';
import type { Lab, LabState } from '../../contract/lab.ts';
import type { Course } from '../../contract/lesson.ts';
import type { Person, SandboxToken, SignedIn } from '../../identity/face.ts';
import { entitlementsOf } from '../../identity/groups.ts';
import type { Kits } from '../../sandboxes/kits.ts';
import type { Services } from '../../services/face.ts';
import type { Store } from '../../store/index.ts';
import { testStore } from '../../store/testing/store.ts';
import { silentLog } from '../../telemetry/index.ts';
import type { LabsOptions } from '../context.ts';
import type { Labs } from '../face.ts';
import { createLabs } from '../labs.ts';
import { catalogueOf, course, lesson, step, type Given } from './courses.ts';
import { createDeskDriver, type DeskDriver } from './desk-driver.ts';

export interface Ground {
  readonly store: Store;
  readonly driver: DeskDriver;
  readonly kits: DeskKits;
  options: LabsOptions;
  labs: Labs;
  /** what the tests may set: who is asked for tokens, and how it ends */
  token: (person: string, audience: string, scope: string) => Promise<SandboxToken>;
  /** lessons opened and prepared, in order */
  readonly opened: string[];
  readonly events: LearnerEvent[];
  who(login: string, more?: Partial<SignedIn['entitlements']>): Promise<SignedIn>;
  start(who: SignedIn, lesson: string, course?: string): Promise<Lab>;
  until(who: SignedIn, lab: string, state: LabState): Promise<Lab>;
  /** Ctrl-C and start again */
  restart(): Promise<void>;
  /** start again beside a server that a test has made hang for ever at some step: as after kill -9 there */
  afterCrash(): Promise<void>;
  /** a new server that has adopted nothing yet */
  rewire(): void;
  close(): Promise<void>;
}
export interface DeskKits extends Kits {
  set(state: KitState): void;
}
export const TWO_LESSONS = course([lesson('one', [step('a')]), lesson('two', [step('b')])]);

export async function ground(
  courses: readonly Course[] = [TWO_LESSONS],
  given: Given = {},
  change: Partial<LabsOptions> = {},
): Promise<Ground> {
  const store = change.store ?? (await testStore());
  const driver = createDeskDriver();
  const kits = deskKits();
  const people = new Map<string, Person>();
  const sessions = new Map<string, SignedIn>();
  const opened: string[] = [];
  const events: LearnerEvent[] = [];
  const options: LabsOptions = {
    store,
    catalogue: catalogueOf(courses, given),
    identity: {
      person: (id) => Promise.resolve(people.get(id) ?? null),
      sandboxToken: (person, audience, scope) => it.token(person, audience, scope),
      known: (session) => Promise.resolve(sessions.get(session) ?? null),
    },
    driver,
    linkTo: (sandbox) => driver.agentIn(sandbox.id).link,
    kits,
    services: deskServices(),
    openLesson: (_lab, l) => Promise.resolve(void opened.push(l)),
    prepare: (_lab, lessons) => Promise.resolve(void opened.push(...lessons.map((l) => `prepare ${l}`))),
    log: silentLog(),
    config: { keepDays: 14, secret: 'a secret of the tests' },
    ...change,
  };
  /** servers that hang where a test stopped them, as good as killed */
  const left: Labs[] = [];
  const it: Ground = {
    store,
    driver,
    kits,
    options,
    labs: createLabs(options),
    token: () => Promise.reject(new Problem('forbidden', 'no tokens here')),
    opened,
    events,
    async who(login, more = {}) {
      const person: Person = {
        id: `id-${login}`,
        login,
        name: login,
        email: null,
        groups: [],
        subject: `sub-${login}`,
      };
      people.set(person.id, person);
      await store.db
        .insertInto('people')
        .values({
          id: person.id,
          login,
          name: login,
          email: null,
          groups: '[]',
          iss: 'test',
          sub: login,
          seen_at: 0,
        })
        .onConflict((c) => c.doNothing())
        .execute();
      await it.labs.subscribe(person.id, (event) => events.push(event));
      const who: SignedIn = {
        session: `s-${login}`,
        person,
        entitlements: { ...entitlementsOf([], { '*': { roles: ['learner'], labs: 3 } }), ...more },
        until: Infinity,
      };
      sessions.set(who.session, who);
      return who;
    },
    start: (who, l, c = courses[0]?.id ?? 'tiny') =>
      it.labs.start(who, { course: c, lesson: l, prepare: false }),
    async until(who, lab, state) {
      const deadline = Date.now() + 10_000;
      for (;;) {
        const now = await it.labs.get(who, lab);
        if (now.state === state) return now;
        if (now.state === 'failed' || Date.now() > deadline)
          throw new Error(`still ${now.state}, not ${state}: ${JSON.stringify(now)}`);
        await new Promise((resolve) => setTimeout(resolve, 5));
      }
    },
    async restart() {
      await it.labs.close();
      await it.afterCrash();
    },
    async afterCrash() {
      left.push(it.labs);
      it.rewire();
      await it.labs.adopt();
    },
    rewire() {
      it.labs = createLabs(it.options);
    },
    async close() {
      await it.labs.close();
      await driver.close();
      await store.close();
    },
  };
  return it;
}

/** No service at all: what most lessons need. Tests of services hand in their own. */
export function deskServices(): LabsOptions['services'] & Pick<Services, 'call'> {
  const none = () => Promise.reject(new Problem('unavailable', 'There is no such service here.'));
  return { get: () => undefined, ready: none, admit: none, address: none, call: none };
}

function deskKits(): DeskKits {
  const states = new Map<string, KitState>();
  const listeners = new Set<(kit: KitState) => void>();
  const kits: DeskKits = {
    list: () => [...states.values()],
    get: (name) => states.get(name) ?? { name, state: 'ready', text: 'ready', versions: {} },
    ready: (name) =>
      new Promise((resolve, reject) => {
        const look = (kit: KitState): void => {
          if (kit.name === name && kit.state === 'ready') resolve();
          if (kit.name === name && kit.state === 'failed') reject(new Problem('kit-missing', kit.text));
        };
        const now = kits.get(name);
        listeners.add(look);
        if (now) look(now);
      }),
    watch(listener) {
      listeners.add(listener);
      return { [Symbol.dispose]: () => void listeners.delete(listener) };
    },
    close: () => Promise.resolve(),
    set(state) {
      states.set(state.name, state);
      for (const listener of [...listeners]) listener(state);
    },
  };
  return kits;
}
