import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { StepProgress } from '../contract/progress.ts';
import type { Store } from '../store/index.ts';
import { testStore } from '../store/testing/store.ts';
import { ada } from '../store/testing/suite.ts';
import { learnFacts, lessonsInHome, merge, progressOf, recordStep, untouched } from './progress.ts';
import { course, lesson, step } from './testing/courses.ts';

const said = (state: StepProgress['state'], more: Partial<StepProgress> = {}): StepProgress => ({
  ...untouched('one', 'a'),
  state,
  message: state,
  ...more,
});

describe('merge', () => {
  it('a new state has a new time, the same state keeps its own', () => {
    const first = merge(undefined, said('not-done'), 10, false);
    const again = merge(first, said('not-done', { tries: 2, message: 'still' }), 20, false);
    expect(again).toMatchObject({ at: 10, tries: 2, message: 'still' });
    expect(merge(again, said('done'), 30, false)).toMatchObject({ state: 'done', at: 30 });
  });
  it.each(['done', 'skipped'] as const)('%s stays, whatever comes; what was acted is still noted', (over) => {
    const before = said(over, { at: 5, acted: ['run-1'] });
    for (const state of ['todo', 'waiting', 'not-done', 'done', 'skipped'] as const)
      expect(merge(before, said(state, { acted: ['run-2'] }), 9, false)).toEqual({
        ...before,
        acted: ['run-1', 'run-2'],
      });
  });
  it('only a reset leaves it', () => {
    expect(merge(said('done', { at: 5 }), said('todo'), 9, true)).toMatchObject({ state: 'todo', at: 9 });
  });
});

describe('in the store', () => {
  let store: Store;
  const owner = { id: 'lab1', person: 'p', course: 'tiny' };
  const tiny = course([lesson('one', [step('a'), step('b')]), lesson('two', [step('c')])]);
  beforeEach(async () => {
    store = await testStore();
    await store.db
      .insertInto('people')
      .values({ ...ada, id: 'p' })
      .execute();
  });
  afterEach(() => store.close());
  const record = (next: StepProgress, now: number, reset = false) =>
    recordStep(store, owner, next, now, { reset });

  it('keeps every change of state with its time, in order', async () => {
    await record(said('not-done', { tries: 1 }), 1);
    await record(said('not-done', { tries: 2 }), 2);
    await record(
      said('waiting', {
        waiting: { since: 3, atMost: 90, longer: false, progress: { done: 1, all: 3, unit: 'files' } },
      }),
      3,
    );
    await record(said('done'), 4);
    await record(said('not-done'), 5);
    await record(said('todo'), 6, true);
    const rows = await store.db
      .selectFrom('transitions')
      .select(['state', 'at', 'lab'])
      .orderBy('id')
      .execute();
    expect(rows.map((r) => `${r.state} ${String(r.at)}`)).toEqual([
      'not-done 1',
      'waiting 3',
      'done 4',
      'todo 6',
    ]);
  });

  it('gives back what was recorded, every step of the course, untouched ones as todo', async () => {
    const waiting = said('waiting', {
      waiting: { since: 3, atMost: 90, longer: true },
      hints: [{ id: 'h', title: 'T', text: 'x' }],
      acted: ['run-1'],
    });
    await record(waiting, 7);
    const progress = await progressOf(store.db, 'p', tiny);
    expect(progress.steps).toEqual([{ ...waiting, at: 7 }, untouched('one', 'b'), untouched('two', 'c')]);
    expect((await progressOf(store.db, 'somebody', tiny)).steps[0]).toEqual(untouched('one', 'a'));
  });

  it('belongs to person and course: another lab of theirs goes on with it', async () => {
    await record(said('done'), 1);
    const other = { ...owner, id: 'lab2' };
    await recordStep(store, other, said('not-done'), 2, {});
    expect((await progressOf(store.db, 'p', tiny)).steps[0]?.state).toBe('done');
    expect(await lessonsInHome(store.db, other, tiny)).toEqual(new Set());
  });

  it('a lesson is in the home once all its steps were over there', async () => {
    await record(said('done'), 1);
    expect(await lessonsInHome(store.db, owner, tiny)).toEqual(new Set());
    await record(said('skipped', { step: 'b' }), 2);
    expect(await lessonsInHome(store.db, owner, tiny)).toEqual(new Set(['one']));
  });

  it('parallel records of one step leave one done', async () => {
    await Promise.all(Array.from({ length: 20 }, (_, i) => record(said(i === 7 ? 'done' : 'not-done'), i)));
    expect((await progressOf(store.db, 'p', tiny)).steps[0]?.state).toBe('done');
    const done = await store.db.selectFrom('transitions').selectAll().where('state', '=', 'done').execute();
    expect(done).toHaveLength(1);
  });

  it('learns facts, tells only news, and is bounded', async () => {
    expect(await learnFacts(store, owner, { rule: '1', constructor: 'x' }, 1)).toEqual({
      rule: '1',
      constructor: 'x',
    });
    expect(await learnFacts(store, owner, { rule: '1', other: '2' }, 2)).toEqual({ other: '2' });
    expect(await learnFacts(store, owner, { rule: '3' }, 3)).toEqual({ rule: '3' });
    const many = Object.fromEntries(Array.from({ length: 500 }, (_, i) => [`f${String(i)}`, 'x']));
    await learnFacts(store, owner, many, 4);
    const { facts } = await progressOf(store.db, 'p', tiny);
    expect(Object.keys(facts)).toHaveLength(200);
    expect(facts['rule']).toBe('3');
  });
});
