/** What a store must do on either engine: called by the test of each. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { LabRow, PersonRow } from '../schema.ts';
import { openStore, type Store } from '../open.ts';

export interface Place {
  /** as `openStore` takes it */
  readonly at: string;
  /** as a newer Palestra would have left it */
  makeNewer(): Promise<void>;
  remove(): Promise<void>;
}

export const ada: PersonRow = {
  id: 'p1',
  iss: 'i',
  sub: 's',
  login: 'ada',
  name: 'Ada',
  email: null,
  groups: '[]',
  seen_at: 1,
};
export const lab = (id: string, more: Partial<LabRow> = {}): LabRow => ({
  id,
  person: 'p1',
  course: 'dask',
  lesson: '1-local-cluster',
  state: 'queued',
  stages: '[]',
  sandbox: null,
  kit: 'dask',
  isolation: null,
  created_at: 1,
  ready_at: null,
  kept_until: 2,
  problem: null,
  prepare: 0,
  prepared: '[]',
  started_by: null,
  slot: null,
  fence: 0,
  language: 'en',
  ...more,
});

/** @param newPlace a place where nothing is yet */
export function storeSuite(engine: string, newPlace: () => Promise<Place>): void {
  describe(`a store on ${engine}`, () => {
    let place: Place;
    const open: Store[] = [];
    const opened = async (): Promise<Store> => {
      const store = await openStore(place.at);
      open.push(store);
      return store;
    };
    beforeEach(async () => {
      place = await newPlace();
    });
    afterEach(async () => {
      for (const store of open.splice(0)) await store.close();
      await place.remove();
    });

    it('keeps what was written across a close', async () => {
      const one = await opened();
      await one.db.insertInto('people').values(ada).execute();
      await open.pop()?.close();
      expect(await (await opened()).db.selectFrom('people').selectAll().execute()).toEqual([ada]);
    });
    it('gives times back as the numbers they were, JSON as the very text, absent as null', async () => {
      const { db } = await opened();
      const now = 1_795_000_123_456;
      const text = '[{"b": 1,  "a":"\\u00e8 – 🙂"}]';
      await db.insertInto('people').values(ada).execute();
      const row = lab('a', { created_at: now, kept_until: now + 1, stages: text, prepare: 1 });
      await db.insertInto('labs').values(row).execute();
      expect(await db.selectFrom('labs').selectAll().execute()).toEqual([row]);
      const counted = await db
        .selectFrom('labs')
        .select((e) => e.fn.countAll<number>().as('n'))
        .executeTakeFirstOrThrow();
      expect(counted.n).toBe(1);
    });
    it('numbers transitions in their order', async () => {
      const { db } = await opened();
      await db.insertInto('people').values(ada).execute();
      const change = { person: 'p1', course: 'c', lesson: 'l', step: 's', lab: 'a', message: '', at: 1 };
      await db
        .insertInto('transitions')
        .values({ ...change, state: 'not-done' })
        .execute();
      await db
        .insertInto('transitions')
        .values({ ...change, state: 'done' })
        .execute();
      const rows = await db.selectFrom('transitions').select(['id', 'state']).orderBy('id').execute();
      expect(rows).toEqual([
        { id: 1, state: 'not-done' },
        { id: 2, state: 'done' },
      ]);
    });
    it('holds one lab a person and course, until it ended', async () => {
      const { db } = await opened();
      await db.insertInto('people').values(ada).execute();
      await db.insertInto('labs').values(lab('a')).execute();
      await expect(db.insertInto('labs').values(lab('b')).execute()).rejects.toThrow(/unique/i);
      const other = lab('c', { course: 'lake' });
      await db.insertInto('labs').values(other).execute();
      await db.updateTable('labs').set({ state: 'ended' }).where('id', '=', 'a').execute();
      await db.insertInto('labs').values(lab('b')).execute();
      expect(await db.selectFrom('labs').select('id').orderBy('id').execute()).toHaveLength(3);
    });
    it('holds as many places a person as have numbers, whatever the course', async () => {
      const { db } = await opened();
      await db.insertInto('people').values(ada).execute();
      await db
        .insertInto('labs')
        .values(lab('a', { slot: 1 }))
        .execute();
      const second = lab('b', { course: 'lake', slot: 1 });
      await expect(db.insertInto('labs').values(second).execute()).rejects.toThrow(/unique/i);
      await db.updateTable('labs').set({ slot: null }).where('id', '=', 'a').execute();
      await db.insertInto('labs').values(second).execute();
    });
    it('holds distinct logins and existing people', async () => {
      const { db } = await opened();
      await db.insertInto('people').values(ada).execute();
      const second = { ...ada, id: 'p2', sub: 't' };
      await expect(db.insertInto('people').values(second).execute()).rejects.toThrow(/login/);
      const nobodys = lab('x', { person: 'nobody' });
      await expect(db.insertInto('labs').values(nobodys).execute()).rejects.toThrow(/foreign key/i);
    });
    it('makes two that read, change and write back follow each other', async () => {
      const store = await opened();
      await store.db.insertInto('people').values(ada).execute();
      const addOne = () =>
        store.inTurn('p1', async (trx) => {
          const { seen_at } = await trx.selectFrom('people').select('seen_at').executeTakeFirstOrThrow();
          await trx
            .updateTable('people')
            .set({ seen_at: seen_at + 1 })
            .execute();
        });
      await Promise.all(Array.from({ length: 25 }, addOne));
      const { seen_at } = await store.db.selectFrom('people').select('seen_at').executeTakeFirstOrThrow();
      expect(seen_at).toBe(26);
    });
    it('undoes a turn that failed', async () => {
      const store = await opened();
      const failing = store.inTurn('p1', async (trx) => {
        await trx.insertInto('people').values(ada).execute();
        throw new Error('after the insert');
      });
      await expect(failing).rejects.toThrow('after the insert');
      expect(await store.db.selectFrom('people').selectAll().execute()).toEqual([]);
    });

    it('F24 refuses a database of a newer version in a sentence', async () => {
      await opened();
      await open.pop()?.close();
      await place.makeNewer();
      await expect(openStore(place.at)).rejects.toMatchObject({
        code: 'unavailable',
        message: expect.stringMatching(/does not fit this version.*newer version/) as string,
      });
    });
    it('F23 loses no acknowledged commit to kill -9', async () => {
      const program = join(import.meta.dirname, 'write-until-killed.ts');
      const child = spawn(process.execPath, [program, place.at], { stdio: ['ignore', 'pipe', 'inherit'] });
      let acknowledged = 0;
      for await (const line of createInterface({ input: child.stdout })) {
        acknowledged = Number(line);
        if (acknowledged === 40) child.kill('SIGKILL');
      }
      if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
      expect(acknowledged).toBeGreaterThanOrEqual(40);
      const { db } = await opened();
      const rows = await db
        .selectFrom('flows')
        .select((e) => e.fn.countAll<number>().as('n'))
        .executeTakeFirstOrThrow();
      expect(rows.n).toBeGreaterThanOrEqual(acknowledged);
    });
  });
}
