import { mkdtemp, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { sql } from 'kysely';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openStore, type Store } from './open.ts';
import { storeSuite } from './testing/suite.ts';

storeSuite('SQLite', async () => {
  const own = await mkdtemp(join(tmpdir(), 'palestra-store-'));
  const at = join(own, 'palestra.db');
  return {
    at,
    makeNewer() {
      const raw = new Database(at);
      raw
        .prepare('insert into kysely_migration (name, timestamp) values (?, ?)')
        .run('999-later', new Date().toISOString());
      raw.close();
      return Promise.resolve();
    },
    remove: () => rm(own, { recursive: true }),
  };
});

describe('a file of SQLite’s', () => {
  let folder: string;
  const open: Store[] = [];
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'palestra-store-'));
  });
  afterEach(async () => {
    for (const store of open.splice(0)) await store.close();
    await rm(folder, { recursive: true });
  });
  async function opened(): Promise<Store> {
    const store = await openStore(join(folder, 'state', 'palestra.db'));
    open.push(store);
    return store;
  }

  it('is made for this user alone, its folder too', async () => {
    await opened();
    expect((await stat(join(folder, 'state', 'palestra.db'))).mode & 0o777).toBe(0o600);
    expect((await stat(join(folder, 'state'))).mode & 0o777).toBe(0o700);
  });
  it('says in a sentence that it is none', async () => {
    await expect(openStore(folder)).rejects.toMatchObject({ code: 'unavailable' });
  });
  it('F23 syncs each commit before it is acknowledged', async () => {
    const { db } = await opened();
    const journal = await sql<{ journal_mode: string }>`pragma journal_mode`.execute(db);
    const synchronous = await sql<{ synchronous: number }>`pragma synchronous`.execute(db);
    expect(journal.rows).toEqual([{ journal_mode: 'wal' }]);
    // 2 is FULL
    expect(synchronous.rows).toEqual([{ synchronous: 2 }]);
  });
});
