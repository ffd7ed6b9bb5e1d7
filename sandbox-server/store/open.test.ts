import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import Database from 'better-sqlite3';
import { sql } from 'kysely';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { LabRow, PersonRow } from './schema.ts';
import { openStore, type Store } from './open.ts';

let folder: string;
const open: Store[] = [];
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'palestra-store-'));
});
afterEach(async () => {
  for (const store of open.splice(0)) await store.close();
  await rm(folder, { recursive: true });
});
async function opened(path = join(folder, 'state', 'palestra.db')): Promise<Store> {
  const store = await openStore(path);
  open.push(store);
  return store;
}
const ada: PersonRow = {
  id: 'p1',
  iss: 'i',
  sub: 's',
  login: 'ada',
  name: 'Ada',
  email: null,
  groups: '[]',
  seen_at: 1,
};
const lab = (id: string, more: Partial<LabRow> = {}): LabRow => ({
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
  ...more,
});

describe('openStore', () => {
  it('makes folder and file for this user alone', async () => {
    await opened();
    expect((await stat(join(folder, 'state', 'palestra.db'))).mode & 0o777).toBe(0o600);
    expect((await stat(join(folder, 'state'))).mode & 0o777).toBe(0o700);
  });
  it('keeps what was written across a close', async () => {
    const one = await opened();
    await one.db.insertInto('people').values(ada).execute();
    await open.pop()?.close();
    expect(await (await opened()).db.selectFrom('people').selectAll().execute()).toEqual([ada]);
  });
  it('holds one lab a person and course, until it ended', async () => {
    const { db } = await opened(':memory:');
    await db.insertInto('people').values(ada).execute();
    await db.insertInto('labs').values(lab('a')).execute();
    await expect(db.insertInto('labs').values(lab('b')).execute()).rejects.toMatchObject({
      code: 'SQLITE_CONSTRAINT_UNIQUE',
    });
    await db
      .insertInto('labs')
      .values(lab('c', { course: 'lake' }))
      .execute();
    await db.updateTable('labs').set({ state: 'ended' }).where('id', '=', 'a').execute();
    await db.insertInto('labs').values(lab('b')).execute();
    expect(await db.selectFrom('labs').select('id').orderBy('id').execute()).toHaveLength(3);
  });
  it('holds distinct logins and existing people', async () => {
    const { db } = await opened(':memory:');
    await db.insertInto('people').values(ada).execute();
    await expect(
      db
        .insertInto('people')
        .values({ ...ada, id: 'p2', sub: 't' })
        .execute(),
    ).rejects.toThrow(/login/);
    await expect(
      db
        .insertInto('labs')
        .values(lab('x', { person: 'nobody' }))
        .execute(),
    ).rejects.toThrow(/FOREIGN KEY/);
  });
  it('F24 refuses a database of a newer version in a sentence', async () => {
    const path = join(folder, 'newer.db');
    await (await openStore(path)).close();
    const raw = new Database(path);
    raw
      .prepare('insert into kysely_migration (name, timestamp) values (?, ?)')
      .run('999-later', new Date().toISOString());
    raw.close();
    await expect(openStore(path)).rejects.toMatchObject({
      code: 'unavailable',
      message: expect.stringContaining('newer version') as string,
    });
  });
  it('says in a sentence that a file is no database', async () => {
    await expect(openStore(folder)).rejects.toMatchObject({ code: 'unavailable' });
  });
});

describe('durability', () => {
  it('F23 syncs each commit before it is acknowledged', async () => {
    const { db } = await opened();
    const journal = await sql<{ journal_mode: string }>`pragma journal_mode`.execute(db);
    const synchronous = await sql<{ synchronous: number }>`pragma synchronous`.execute(db);
    expect(journal.rows).toEqual([{ journal_mode: 'wal' }]);
    // 2 is FULL
    expect(synchronous.rows).toEqual([{ synchronous: 2 }]);
  });
  it('F23 loses no acknowledged commit to kill -9', async () => {
    const path = join(folder, 'k.db');
    const child = spawn(
      process.execPath,
      [join(import.meta.dirname, 'testing', 'write-until-killed.ts'), path],
      {
        stdio: ['ignore', 'pipe', 'inherit'],
      },
    );
    let acknowledged = 0;
    for await (const line of createInterface({ input: child.stdout })) {
      acknowledged = Number(line);
      if (acknowledged === 40) child.kill('SIGKILL');
    }
    if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
    expect(acknowledged).toBeGreaterThanOrEqual(40);
    const { db } = await opened(path);
    const rows = await db
      .selectFrom('flows')
      .select((e) => e.fn.countAll<number>().as('n'))
      .executeTakeFirstOrThrow();
    expect(rows.n).toBeGreaterThanOrEqual(acknowledged);
  });
});
