import { afterEach, describe, expect, it, vi } from 'vitest';
import { Problem } from '../contract/errors.ts';
import { Lab } from '../contract/lab.ts';
import type { LearnerEvent } from '../contract/events.ts';
import { course, lesson, step } from './testing/courses.ts';
import { ground, TWO_LESSONS, type Ground } from './testing/ground.ts';

let g: Ground;
afterEach(() => g.close());
const labEvents = (events: readonly LearnerEvent[]) =>
  events.flatMap((e) => (e.type === 'lab' ? [e.lab] : []));
const LAKE = course([lesson('rules', [step('x')])], { id: 'lake' });
const MORE = [TWO_LESSONS, LAKE, course([lesson('l', [step('x')])], { id: 'gpu' })];

describe('start', () => {
  it('answers at once, goes through named and timed stages, and is ready', async () => {
    g = await ground();
    const ada = await g.who('ada');
    const lab = await g.start(ada, 'one');
    expect(lab).toMatchObject({ course: 'tiny', lesson: 'one', user: 'ada', sandbox: null });
    const ready = await g.until(ada, lab.id, 'ready');
    expect(ready.stages.map((s) => s.name)).toEqual(['claiming', 'home', 'ready']);
    expect(ready.stages.every((s) => s.seconds !== undefined)).toBe(true);
    expect(ready.sandbox).toMatch(/^[a-z2-7]{20}$/);
    expect(ready.isolation).toBe('advisory');
    expect(g.opened).toEqual(['one']);
    expect(labEvents(g.events).map((l) => l.state)).toEqual(
      expect.arrayContaining(['queued', 'claiming', 'filling', 'ready']),
    );
    for (const told of labEvents(g.events)) Lab.parse(told);
  });

  it('tells the agent who it is for: login, name without controls, a seed of this learner and course', async () => {
    g = await ground(MORE);
    const ada = await g.who('ada');
    Object.assign(ada.person, { name: 'Ada\u001b[31m Lovelace' });
    const one = await g.until(ada, (await g.start(ada, 'one')).id, 'ready');
    const two = await g.until(ada, (await g.start(ada, 'rules', 'lake')).id, 'ready');
    const [a] = g.driver.agentOf(one.id).claims;
    const [b] = g.driver.agentOf(two.id).claims;
    expect(a).toMatchObject({ lab: one.id, user: 'ada', fullName: 'Ada[31m Lovelace' });
    expect(a?.seed).toMatch(/^[0-9a-f]{16}$/);
    expect(b?.seed).not.toBe(a?.seed);
    await g.labs.end(ada, one.id);
    const again = await g.until(ada, (await g.start(ada, 'one')).id, 'ready');
    expect(g.driver.agentOf(again.id).claims[0]?.seed).toBe(a?.seed);
  });

  it('F11 a hundred at once give one lab and one sandbox', async () => {
    g = await ground();
    const ada = await g.who('ada');
    const labs = await Promise.all(Array.from({ length: 100 }, () => g.start(ada, 'one')));
    expect(new Set(labs.map((l) => l.id)).size).toBe(1);
    await g.until(ada, labs[0]?.id ?? '', 'ready');
    expect(await g.driver.list()).toHaveLength(1);
    expect(g.driver.claims).toHaveLength(1);
    expect(await g.labs.list(ada)).toHaveLength(1);
  });

  it('F12 a reply that was lost: the same start again finds the lab', async () => {
    g = await ground();
    const ada = await g.who('ada');
    const first = await g.start(ada, 'one');
    await g.until(ada, first.id, 'ready');
    expect((await g.start(ada, 'one')).id).toBe(first.id);
    expect(g.driver.claims).toHaveLength(1);
  });

  it('two servers on one database agree on one lab', async () => {
    g = await ground();
    const ada = await g.who('ada');
    const one = g.labs;
    await g.afterCrash();
    const labs = await Promise.all(
      [one, g.labs].map((labs) => labs.start(ada, { course: 'tiny', lesson: 'one', prepare: false })),
    );
    expect(labs[0]?.id).toBe(labs[1]?.id);
    await g.until(ada, labs[0]?.id ?? '', 'ready');
    expect(await g.driver.list()).toHaveLength(1);
    await one.close();
  });

  it('a further lesson of the course goes on in the same sandbox', async () => {
    g = await ground();
    const ada = await g.who('ada');
    const lab = await g.until(ada, (await g.start(ada, 'one')).id, 'ready');
    const next = await g.start(ada, 'two');
    expect(next).toMatchObject({ id: lab.id, lesson: 'two', state: 'filling' });
    expect((await g.labs.open(ada, lab.id)).sandbox.id).toBe(lab.sandbox);
    const ready = await g.until(ada, lab.id, 'ready');
    expect(ready.sandbox).toBe(lab.sandbox);
    expect(g.opened).toEqual(['one', 'two']);
  });

  it('asked for another lesson while it starts, opens the one asked for last', async () => {
    g = await ground();
    const gate = Promise.withResolvers<undefined>();
    g.driver.gate = gate.promise.then(() => undefined);
    const ada = await g.who('ada');
    const lab = await g.start(ada, 'one');
    await g.start(ada, 'two');
    gate.resolve(undefined);
    expect(await g.until(ada, lab.id, 'ready')).toMatchObject({ lesson: 'two' });
    expect(g.opened.at(-1)).toBe('two');
  });

  it('a lesson that needs another kit gets another sandbox and the same home', async () => {
    const dask = lesson('dask', [step('x')]);
    g = await ground([
      course([lesson('one', [step('a')]), { ...dask, needs: { ...dask.needs, kit: 'dask' } }]),
    ]);
    const ada = await g.who('ada');
    const lab = await g.until(ada, (await g.start(ada, 'one')).id, 'ready');
    await g.start(ada, 'dask');
    const ready = await g.until(ada, lab.id, 'ready');
    expect(ready).toMatchObject({ id: lab.id, lesson: 'dask' });
    expect((await g.driver.list()).map((s) => s.kit)).toEqual(['dask']);
    expect(g.driver.discarded).toEqual([]);
  });

  it('a lesson that cannot be opened in a lab that runs leaves it running, and says why', async () => {
    g = await ground(
      [TWO_LESSONS],
      {},
      {
        openLesson: (_lab, l) =>
          l === 'two'
            ? Promise.reject(new Problem('internal', 'The setup of two failed.'))
            : Promise.resolve(),
      },
    );
    const ada = await g.who('ada');
    const lab = await g.until(ada, (await g.start(ada, 'one')).id, 'ready');
    await g.start(ada, 'two');
    const ready = await g.until(ada, lab.id, 'ready');
    expect(ready.problem?.message).toBe('The setup of two failed.');
    expect(ready.sandbox).toBe(lab.sandbox);
    // told once it is written down
    await vi.waitFor(() => {
      expect(g.events).toContainEqual({ type: 'warning', lab: lab.id, text: 'The setup of two failed.' });
    });
  });
});

describe('who may', () => {
  it('refuses what is not there, and courses of other groups', async () => {
    g = await ground([course([lesson('one', [step('a')])], { groups: ['icsc/vip'] })]);
    const ada = await g.who('ada', { mayTake: (groups) => !groups.includes('icsc/vip') });
    await expect(g.start(ada, 'one')).rejects.toMatchObject({ code: 'forbidden' });
    await expect(g.start(ada, 'nope')).rejects.toMatchObject({ code: 'not-found' });
    await expect(g.start(ada, 'one', 'nope')).rejects.toMatchObject({ code: 'not-found' });
  });

  it('counts running labs by account; a paused one makes room', async () => {
    g = await ground(MORE);
    const ada = await g.who('ada', { labs: 2 });
    const first = await g.start(ada, 'one');
    await g.start(ada, 'rules', 'lake');
    await expect(g.start(ada, 'l', 'gpu')).rejects.toMatchObject({
      code: 'limit',
      message: expect.stringContaining('Course tiny') as string,
    });
    // the same lab again is no second one
    expect((await g.start(ada, 'two')).id).toBe(first.id);
    await g.labs.pause(ada, first.id);
    await g.start(ada, 'l', 'gpu');
    await expect(g.labs.resume(ada, first.id)).rejects.toMatchObject({ code: 'limit' });
  });

  it('28 people at once each get theirs', async () => {
    g = await ground();
    const people = await Promise.all(Array.from({ length: 28 }, (_, i) => g.who(`st${String(i)}`)));
    const labs = await Promise.all(people.map((who) => g.start(who, 'one')));
    await Promise.all(labs.map((lab, i) => g.until(people[i] ?? people[0]!, lab.id, 'ready')));
    expect(new Set((await g.driver.list()).map((s) => s.lab)).size).toBe(28);
  });

  it('an instructor may start for somebody, a learner may not; the lab is that person’s', async () => {
    g = await ground();
    const ada = await g.who('ada');
    const enrico = await g.who('enrico', { roles: ['learner', 'instructor'] });
    const request = { course: 'tiny', lesson: 'one', prepare: false };
    await expect(g.labs.start(ada, { ...request, onBehalfOf: enrico.person.id })).rejects.toMatchObject({
      code: 'forbidden',
    });
    await expect(g.labs.start(enrico, { ...request, onBehalfOf: 'nobody' })).rejects.toMatchObject({
      code: 'not-found',
    });
    const lab = await g.labs.start(enrico, { ...request, onBehalfOf: ada.person.id });
    expect(lab.user).toBe('ada');
    expect((await g.start(ada, 'one')).id).toBe(lab.id);
    await g.until(ada, lab.id, 'ready');
    const row = await g.store.db
      .selectFrom('labs')
      .select(['person', 'started_by'])
      .executeTakeFirstOrThrow();
    expect(row).toEqual({ person: ada.person.id, started_by: enrico.person.id });
  });

  it('T29 somebody else’s lab is not found, by every way in, in the same words as one that never was', async () => {
    g = await ground();
    const ada = await g.who('ada');
    const eve = await g.who('eve');
    const { id } = await g.start(ada, 'one');
    await g.until(ada, id, 'ready');
    for (const way of ['get', 'pause', 'resume', 'end', 'open'] as const) {
      const theirs = await g.labs[way](eve, id).catch((e: unknown) => e);
      const nobodys = await g.labs[way](eve, 'a'.repeat(20)).catch((e: unknown) => e);
      expect(theirs).toBeInstanceOf(Problem);
      expect((theirs as Problem).toBody()).toEqual((nobodys as Problem).toBody());
    }
    expect((await g.labs.get(ada, id)).state).toBe('ready');
    expect(await g.labs.list(eve)).toEqual([]);
  });
});

describe('pause, resume, end', () => {
  it('pause gives the sandbox back, keeps the home, closes sockets; resume goes on with the same lab and lesson', async () => {
    g = await ground();
    const ada = await g.who('ada');
    const { id } = await g.start(ada, 'two');
    const before = await g.until(ada, id, 'ready');
    const closed: string[] = [];
    g.labs.onClosed((lab, why) => closed.push(`${lab} ${why}`));
    const paused = await g.labs.pause(ada, id);
    expect(paused).toMatchObject({ state: 'paused', sandbox: null, problem: null });
    expect(paused.keptUntil).toBeGreaterThan(Date.now() + 13 * 24 * 3600 * 1000);
    expect(closed).toEqual([`${id} paused`]);
    expect(await g.driver.list()).toEqual([]);
    expect(g.driver.discarded).toEqual([]);
    await expect(g.labs.open(ada, id)).rejects.toMatchObject({
      code: 'conflict',
      message: expect.stringContaining('Resume') as string,
    });
    expect((await g.labs.resume(ada, id)).id).toBe(id);
    const after = await g.until(ada, id, 'ready');
    expect(after.sandbox).not.toBe(before.sandbox);
    expect(after.lesson).toBe('two');
  });

  it('pause and end are the same again; an ended lab is not resumed, a start makes another', async () => {
    g = await ground();
    const ada = await g.who('ada');
    const { id } = await g.start(ada, 'one');
    await g.until(ada, id, 'ready');
    await Promise.all([g.labs.pause(ada, id), g.labs.pause(ada, id)]);
    const ended = await Promise.all([g.labs.end(ada, id), g.labs.end(ada, id)]);
    expect(ended.map((l) => l.state)).toEqual(['ended', 'ended']);
    expect(g.driver.discarded).toEqual([id]);
    await expect(g.labs.pause(ada, id)).rejects.toMatchObject({ code: 'conflict' });
    expect(await g.labs.list(ada)).toEqual([]);
    expect((await g.labs.get(ada, id)).state).toBe('ended');
    expect((await g.start(ada, 'one')).id).not.toBe(id);
  });

  it('calls off a start that is on its way, also in the middle of a setup', async () => {
    const started = Promise.withResolvers<undefined>();
    g = await ground(
      [TWO_LESSONS],
      {},
      {
        openLesson: () => {
          started.resolve(undefined);
          return new Promise<void>(() => undefined);
        },
      },
    );
    const ada = await g.who('ada');
    const { id } = await g.start(ada, 'one');
    await started.promise;
    expect((await g.labs.pause(ada, id)).state).toBe('paused');
    expect(await g.driver.list()).toEqual([]);
    expect((await g.labs.get(ada, id)).state).toBe('paused');
  });

  it('a failed start says why, holds no sandbox, and may be tried again', async () => {
    let fails = true;
    g = await ground(
      [TWO_LESSONS],
      {},
      {
        openLesson: () =>
          fails
            ? Promise.reject(new Problem('internal', 'The setup at lesson.md:3 failed.'))
            : Promise.resolve(),
      },
    );
    const ada = await g.who('ada');
    const { id } = await g.start(ada, 'one');
    const failed = await g.until(ada, id, 'failed');
    expect(failed.problem).toEqual({ code: 'internal', message: 'The setup at lesson.md:3 failed.' });
    expect(await g.driver.list()).toEqual([]);
    fails = false;
    expect((await g.start(ada, 'one')).id).toBe(id);
    expect((await g.until(ada, id, 'ready')).problem).toBeNull();
  });
});

describe('waiting', () => {
  it('names the kit that is being prepared and how far it is', async () => {
    g = await ground();
    g.kits.set({ name: 'base', state: 'preparing', text: 'Starting', versions: {} });
    const ada = await g.who('ada');
    const { id } = await g.start(ada, 'one');
    await g.until(ada, id, 'preparing');
    g.kits.set({
      name: 'base',
      state: 'preparing',
      text: 'Installing 41 of 62',
      progress: { done: 41, all: 62, unit: 'packages' },
      versions: {},
    });
    expect((await g.labs.get(ada, id)).stages).toMatchObject([
      { name: 'kit', text: expect.stringContaining('41 of 62') as string, progress: { done: 41, all: 62 } },
    ]);
    g.kits.set({ name: 'base', state: 'ready', text: 'ready', versions: {} });
    const ready = await g.until(ada, id, 'ready');
    expect(ready.stages.map((s) => s.name)).toEqual(['kit', 'claiming', 'home', 'ready']);
  });

  it('a kit that cannot be had is a sentence', async () => {
    g = await ground();
    g.kits.set({ name: 'base', state: 'failed', text: 'Python 3.11 is missing.', versions: {} });
    const ada = await g.who('ada');
    const failed = await g.until(ada, (await g.start(ada, 'one')).id, 'failed');
    expect(failed.problem).toMatchObject({ code: 'kit-missing', message: 'Python 3.11 is missing.' });
  });

  it('waits its turn where no sandbox is free, and says which place', async () => {
    g = await ground();
    g.driver.capacity = 1;
    const [ada, bob, eve] = await Promise.all(['ada', 'bob', 'eve'].map((login) => g.who(login)));
    const a = await g.until(ada!, (await g.start(ada!, 'one')).id, 'ready');
    const b = await g.start(bob!, 'one');
    await new Promise((resolve) => setTimeout(resolve, 10));
    const e = await g.start(eve!, 'one');
    await new Promise((resolve) => setTimeout(resolve, 10));
    expect((await g.labs.get(eve!, e.id)).stages.at(-1)).toMatchObject({
      name: 'queued',
      text: expect.stringContaining('2nd') as string,
    });
    await g.labs.end(ada!, a.id);
    await g.until(bob!, b.id, 'ready');
    expect((await g.labs.get(eve!, e.id)).stages.at(-1)?.text).toContain('1st');
    await g.labs.pause(bob!, b.id);
    await g.until(eve!, e.id, 'ready');
  });
});

describe('events', () => {
  it('begin with a lab for each of theirs and what its agent last said', async () => {
    g = await ground(MORE);
    const ada = await g.who('ada');
    const one = await g.until(ada, (await g.start(ada, 'one')).id, 'ready');
    await g.until(ada, (await g.start(ada, 'rules', 'lake')).id, 'ready');
    g.driver.agentOf(one.id).emit({ type: 'ports', ports: [{ port: 8787, command: 'dask\u001b[2J' }] });
    const heard: LearnerEvent[] = [];
    const subscription = await g.labs.subscribe(ada.person.id, (e) => heard.push(e));
    expect(heard.filter((e) => e.type === 'lab')).toHaveLength(2);
    expect(heard).toContainEqual({
      type: 'ports',
      lab: one.id,
      ports: [{ port: 8787, command: 'dask\\x1b[2J' }],
    });
    subscription[Symbol.dispose]();
    g.driver.agentOf(one.id).emit({ type: 'warning', text: 'disk' });
    expect(heard.some((e) => e.type === 'warning')).toBe(false);
    expect(g.events).toContainEqual({ type: 'warning', lab: one.id, text: 'disk' });
  });

  it('one event socket to an agent, however many listen; closed with the lab', async () => {
    g = await ground();
    const ada = await g.who('ada');
    const { id } = await g.until(ada, (await g.start(ada, 'one')).id, 'ready');
    const desk = g.driver.agentOf(id);
    const open = await g.labs.openUnowned(id);
    const heard: string[] = [];
    open.agent.events((e) => heard.push(e.type));
    expect(desk.listeners).toBe(1);
    expect(heard).toEqual(['hello']);
    await g.labs.pause(ada, id);
    expect(desk.listeners).toBe(0);
  });

  it('finds the lab behind a sandbox only while it is open', async () => {
    g = await ground();
    const ada = await g.who('ada');
    const lab = await g.until(ada, (await g.start(ada, 'one')).id, 'ready');
    expect((await g.labs.bySandbox(lab.sandbox ?? ''))?.lab.id).toBe(lab.id);
    expect(await g.labs.bySandbox('b'.repeat(20))).toBeNull();
    await g.labs.pause(ada, lab.id);
    expect(await g.labs.bySandbox(lab.sandbox ?? '')).toBeNull();
  });
});
