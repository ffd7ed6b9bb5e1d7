/** A lab whose lesson needs a service: running, admitted, lent, in this order; what the next lesson does with it. */
import { afterEach, describe, expect, it } from 'vitest';
import { Problem } from '../contract/errors.ts';
import { ServiceAddress } from '../contract/service.ts';
import type { ServiceStage } from '../services/face.ts';
import type { LabsOptions } from './context.ts';
import { admitTo, untilServicesRun } from './service-stage.ts';
import { course, lesson, step } from './testing/courses.ts';
import { deskServices, ground, type Ground } from './testing/ground.ts';
import { needsOf } from './token-needs.ts';

let g: Ground;
afterEach(() => g?.close());

const ADDRESS = ServiceAddress.parse({
  ca: '/lake/ca.pem',
  endpoints: [{ host: 'rucio.palestra.test', port: 31447, to: { host: '127.0.0.1', port: 31447 } }],
  env: { RUCIO_ACCOUNT: '{{user}}', SSL_CERT_FILE: '/evil' },
});
/** A service that notes what it is asked, and starts when the test says so. */
function lake(trouble: { up?: Problem; admit?: Problem } = {}) {
  const asked: string[] = [];
  const up = Promise.withResolvers<undefined>();
  const tellers: ((stage: ServiceStage) => void)[] = [];
  const services: LabsOptions['services'] = {
    ...deskServices(),
    get: (name) => ({
      name,
      title: 'Data lake',
      summary: '',
      admits: true,
      verbs: [],
      state: 'unknown',
      text: '',
    }),
    async ready(_name, { onStage } = {}) {
      if (onStage !== undefined) tellers.push(onStage);
      if (trouble.up !== undefined) throw trouble.up;
      await up.promise;
    },
    admit(_name, who) {
      asked.push(`admit ${who.login} ${who.subject}`);
      return trouble.admit === undefined
        ? Promise.resolve({ account: who.login })
        : Promise.reject(trouble.admit);
    },
    address: () => Promise.resolve(ADDRESS),
  };
  const tell = (stage: string, state: ServiceStage['state'], progress?: ServiceStage['progress']): void => {
    for (const teller of tellers)
      teller({
        service: 'data-lake',
        stage,
        state,
        text: `Starting ${stage}`,
        ...(progress ? { progress } : {}),
      });
  };
  return { services, asked, up, tell, tellers };
}
const needing = (id: string, more: { services?: string[]; after?: string[] } = {}) => {
  const plain = lesson(id, [step('a')]);
  return {
    ...plain,
    needs: { ...plain.needs, services: more.services ?? ['data-lake'], after: more.after ?? [] },
  };
};

describe('a lesson that needs a service', () => {
  it('starts it with its stages told, admits the learner, claims, and lends exactly what is named', async () => {
    const it = lake();
    g = await ground([course([needing('one')])], {}, { services: it.services });
    const ada = await g.who('ada');
    const { id } = await g.start(ada, 'one');
    await expect.poll(() => it.tellers.length).toBeGreaterThan(0);
    it.tell('postgres', 'begun');
    it.tell('elements', 'begun', { done: 1, all: 3, unit: '' });
    await expect
      .poll(async () => (await g.labs.get(ada, id)).stages.at(-1))
      .toMatchObject({
        name: 'data-lake/elements',
        text: 'Data lake: Starting elements',
        progress: { done: 1, all: 3 },
      });
    expect((await g.labs.get(ada, id)).state).toBe('preparing');
    expect(g.driver.claims).toEqual([]);
    it.up.resolve(undefined);
    const ready = await g.until(ada, id, 'ready');
    expect(ready.stages.map(({ name }) => name)).toEqual([
      'data-lake/postgres',
      'data-lake/elements',
      'account',
      'claiming',
      'home',
      'ready',
    ]);
    expect(ready.stages.every(({ seconds }) => seconds !== undefined)).toBe(true);
    expect(it.asked.filter((line) => line.startsWith('admit'))).toEqual(['admit ada sub-ada']);
    expect(g.driver.lent).toEqual([{ lab: id, services: ['data-lake'] }]);
    const host = 'rucio.palestra.test';
    expect(g.driver.agentOf(id).services).toEqual([
      {
        endpoints: [{ service: 'data-lake', host, port: 31447, socket: `/desk/${host}_31447.sock` }],
        // a service says where things are, never whom to trust
        env: { RUCIO_ACCOUNT: 'ada', SSL_CERT_FILE: '/desk/bundle.pem' },
        files: { 'bundle.pem': 'authorities' },
      },
    ]);
  });

  it('a lab without services asks nobody', async () => {
    const it = lake();
    g = await ground(undefined, {}, { services: it.services });
    const ada = await g.who('ada');
    const { id } = await g.until(ada, (await g.start(ada, 'one')).id, 'ready');
    expect([it.asked, g.driver.lent, g.driver.agentOf(id).services]).toEqual([[], [], []]);
  });

  it('the next lesson that does not name it has it no longer; one that does has it again', async () => {
    const it = lake();
    it.up.resolve(undefined);
    const courses = [course([needing('one'), needing('two', { services: [] }), needing('three')])];
    g = await ground(courses, {}, { services: it.services });
    const ada = await g.who('ada');
    const lab = (await g.until(ada, (await g.start(ada, 'one')).id, 'ready')).id;
    for (const id of ['two', 'three', 'three']) {
      await g.start(ada, id);
      await expect.poll(async () => (await g.labs.get(ada, lab)).state).toBe('ready');
    }
    expect(g.driver.lent.map(({ services }) => services)).toEqual([['data-lake'], [], ['data-lake']]);
    expect(g.driver.agentOf(lab).services.map(({ endpoints }) => endpoints.length)).toEqual([1, 0, 1]);
    expect(g.driver.agentOf(lab).services[1]).toEqual({ endpoints: [], env: {}, files: {} });
  });

  it('lessons that are replayed before have what they need meanwhile', async () => {
    const it = lake();
    it.up.resolve(undefined);
    const courses = [course([needing('one'), needing('two', { services: [], after: ['one'] })])];
    g = await ground(courses, {}, { services: it.services });
    const ada = await g.who('ada');
    const { id } = await g.labs.start(ada, { course: 'tiny', lesson: 'two', prepare: true });
    await g.until(ada, id, 'ready');
    expect(g.opened).toEqual(['prepare one', 'two']);
    expect(g.driver.lent.map(({ services }) => services)).toEqual([['data-lake'], []]);
  });

  it('that cannot be started fails the lab with what happened, and the next Start tries again', async () => {
    const trouble: { up?: Problem } = {
      up: new Problem('unavailable', 'PostgreSQL did not start. Press Start.'),
    };
    const it = lake(trouble);
    g = await ground([course([needing('one')])], {}, { services: it.services });
    const ada = await g.who('ada');
    const { id } = await g.start(ada, 'one');
    const failed = await g.until(ada, id, 'failed');
    expect(failed.problem).toMatchObject({
      code: 'unavailable',
      message: 'PostgreSQL did not start. Press Start.',
    });
    expect(g.driver.claims).toEqual([]);
    delete trouble.up;
    it.up.resolve(undefined);
    await g.start(ada, 'one');
    await expect.poll(async () => (await g.labs.get(ada, id)).state).toBe('ready');
  });

  it('that does not admit the learner says so, and costs a running lab nothing', async () => {
    const it = lake({
      admit: new Problem('unavailable', 'The lake’s account ada belongs to somebody else.'),
    });
    it.up.resolve(undefined);
    g = await ground(
      [course([needing('plain', { services: [] }), needing('one')])],
      {},
      { services: it.services },
    );
    const ada = await g.who('ada');
    const lab = (await g.until(ada, (await g.start(ada, 'plain')).id, 'ready')).id;
    await g.start(ada, 'one');
    await expect
      .poll(async () => (await g.labs.get(ada, lab)).problem?.message)
      .toContain('belongs to somebody else');
    expect((await g.labs.get(ada, lab)).state).toBe('ready');
    expect(g.driver.lent).toEqual([]);
  });

  it('F1 after a restart a ready lab has its services again; a service that is away ends nothing', async () => {
    const it = lake();
    it.up.resolve(undefined);
    g = await ground([course([needing('one')])], {}, { services: it.services });
    const ada = await g.who('ada');
    const { id } = await g.until(ada, (await g.start(ada, 'one')).id, 'ready');
    await g.restart();
    expect(g.driver.lent).toHaveLength(2);
    expect(g.driver.agentOf(id).services).toHaveLength(2);
    const away = () => Promise.reject(new Problem('unavailable', 'gone'));
    g.options = { ...g.options, services: { ...it.services, address: away } };
    await g.restart();
    expect((await g.labs.get(ada, id)).state).toBe('ready');
  });
});

describe('the stage of services', () => {
  it('tells parts that start side by side one after the other', async () => {
    const it = lake();
    const told: string[] = [];
    const news = {
      begins: (name: string) => told.push(name),
      goesOn: (name: string, _text: string, progress: { done: number } | undefined) =>
        told.push(`${name} ${progress?.done}`),
    };
    const running = untilServicesRun(it.services, ['data-lake'], news, new AbortController().signal);
    it.tell('a', 'begun', { done: 1, all: 9, unit: '' });
    it.tell('b', 'begun');
    it.tell('a', 'begun', { done: 2, all: 9, unit: '' });
    it.tell('b', 'done');
    it.tell('a', 'begun', { done: 3, all: 9, unit: '' });
    it.tell('a', 'done');
    it.up.resolve(undefined);
    await running;
    expect(told).toEqual([
      'data-lake/a',
      'data-lake/a 1',
      'data-lake/b',
      'data-lake/a',
      'data-lake/a 2',
      'data-lake/a 3',
    ]);
  });

  it('admits nobody who is not known', async () => {
    const it = lake();
    const person = { id: 'x', login: 'ada', name: 'Ada', email: null, groups: [] };
    await expect(admitTo(it.services, ['data-lake'], person)).rejects.toMatchObject({
      code: 'sign-in-again',
    });
    await admitTo(it.services, [], person);
  });
});

describe('tokens of a lesson', () => {
  it('name the learner that the server knows, wherever the lesson says {{user}}', () => {
    const { needs } = lesson('one', []);
    const scope = 'storage.create:/user/{{user}} storage.modify:/user/{{user}}';
    expect(needsOf({ needs: { ...needs, tokens: [{ audience: 'rucio cnaf', scope }] } }, 'ada')).toEqual([
      { audience: 'rucio cnaf', scope: 'storage.create:/user/ada storage.modify:/user/ada' },
    ]);
  });
});
