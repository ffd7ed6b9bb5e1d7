/** PostgreSQL as it really is: where PALESTRA_TEST_STORE names one (`npm run test:stack` does). */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { sql } from 'kysely';
import { openStore, type Store } from '../open.ts';
import { onServer } from '../testing/on-server.ts';
import { PASSWORD, startPostgres, type TestPostgres } from '../testing/postgres.ts';
import { databaseAt, onPostgres, testDatabase, TEST_SERVER } from '../testing/store.ts';
import { ada, storeSuite } from '../testing/suite.ts';
import { openPostgres } from './open.ts';

if (onPostgres)
  storeSuite('PostgreSQL', async () => {
    const database = await testDatabase();
    return {
      at: database.url,
      async makeNewer() {
        await onServer(
          database.url,
          `insert into kysely_migration (name, timestamp) values ('999-later', '${new Date().toISOString()}')`,
        );
      },
      remove: () => database.drop(),
    };
  });

describe.runIf(onPostgres)('several servers on one database', { timeout: 120_000 }, () => {
  it('F11 start at once on an empty one: each waits for the first to make the tables', async () => {
    const database = await testDatabase();
    const stores = await Promise.all(Array.from({ length: 6 }, () => openStore(database.url)));
    await stores[0]?.db.insertInto('people').values(ada).execute();
    for (const { db } of stores)
      expect(await db.selectFrom('people').select('login').execute()).toEqual([{ login: 'ada' }]);
    for (const store of stores) await store.close();
    await database.drop();
  });

  it('follow each other under a key, in a transaction and around other work', async () => {
    const database = await testDatabase();
    const stores = await Promise.all([1, 2, 3].map(() => openStore(database.url)));
    let inside = 0;
    let most = 0;
    const work = async (): Promise<void> => {
      inside += 1;
      most = Math.max(most, inside);
      await new Promise((resolve) => setTimeout(resolve, 5));
      inside -= 1;
    };
    await Promise.all(
      stores.flatMap((store) => Array.from({ length: 12 }, () => store.alone('one', () => work()))),
    );
    expect(most).toBe(1);
    await Promise.all(
      stores.flatMap((store) => Array.from({ length: 12 }, () => store.inTurn('one', () => work()))),
    );
    expect(most).toBe(1);
    // another key is another thing
    await Promise.all(stores.map((store, i) => store.alone(`key ${String(i)}`, () => work())));
    expect(most).toBeGreaterThan(1);
    for (const store of stores) await store.close();
    await database.drop();
  });

  it('and a key is free again when its work failed', async () => {
    const database = await testDatabase();
    const store = await openStore(database.url);
    await expect(store.alone('one', () => Promise.reject(new Error('no')))).rejects.toThrow('no');
    expect(await store.alone('one', () => Promise.resolve('yes'))).toBe('yes');
    await store.close();
    await database.drop();
  });
});

describe.runIf(onPostgres)('what is wrong with a database, in a sentence', () => {
  const refusal = (url: string) =>
    openPostgres(url, 100).then(
      () => expect.fail('it was opened'),
      (error: unknown) => error,
    );
  it.each([
    ['a wrong password', (url: string) => url.replace(PASSWORD, 'canary-wrong'), /password is wrong/],
    ['no such user', (url: string) => url.replace('tester:', 'nobody:'), /password is wrong, or the user/],
    ['no such database', (url: string) => databaseAt(url, 'nothing_here'), /no database of that name/],
    [
      'nobody there',
      (url: string) => url.replace('host=', 'host=%2Fnowhere'),
      /does not answer.*host and port/,
    ],
    ['no TLS there', (url: string) => `${url}&sslmode=require&host=127.0.0.1`, /does not answer|TLS/],
  ])('%s', async (_what, spoil, words) => {
    const error = await refusal(spoil(TEST_SERVER));
    expect(error).toMatchObject({ code: 'unavailable', message: expect.stringMatching(words) as string });
    expect(JSON.stringify(error)).not.toContain('canary');
    expect((error as Error).message).not.toContain('canary');
  });
  it('a user who may make no tables', async () => {
    const database = await testDatabase();
    await onServer(database.url, "create role guest login password 'canary-guest'");
    const url = database.url.replace(`tester:${PASSWORD}`, 'guest:canary-guest');
    const error = await refusal(url);
    expect(error).toMatchObject({ message: expect.stringMatching(/may not create tables/) as string });
    expect((error as Error).message).not.toContain('canary');
    await database.drop();
    await onServer(TEST_SERVER, 'drop role guest');
  });
  it('a statement that takes too long is ended and said', async () => {
    const database = await testDatabase();
    const store = await openStore(`${database.url}&statement_timeout=200`);
    await expect(sql`select pg_sleep(5)`.execute(store.db)).rejects.toMatchObject({ code: 'timeout' });
    expect((await sql<{ n: number }>`select 1 as n`.execute(store.db)).rows).toEqual([{ n: 1 }]);
    await store.close();
    await database.drop();
  });
});

describe.runIf(onPostgres)('a database that goes away', { timeout: 120_000 }, () => {
  let server: TestPostgres;
  let store: Store;
  beforeAll(async () => {
    server = await startPostgres();
    store = await openStore(server.url);
    await store.db.insertInto('people').values(ada).execute();
    // initdb, on a machine where everything else runs as well
  }, 120_000);
  afterAll(async () => {
    await store.close();
    await server.close();
  });

  it.each(['SIGINT', 'SIGKILL'] as const)(
    'F23 %s in the middle of four writers: they go on, and what was acknowledged is there',
    async (signal) => {
      const stop = new AbortController();
      const acknowledged: string[] = [];
      const refused: unknown[] = [];
      const writer = async (name: string): Promise<void> => {
        for (let n = 0; !stop.signal.aborted; n += 1) {
          const fact = `${signal}-${name}-${String(n)}`;
          await store.db
            .insertInto('facts')
            .values({ person: 'p1', course: 'c', name: fact, value: 'x', at: n })
            .execute()
            .then(
              () => acknowledged.push(fact),
              (error: unknown) => refused.push(error),
            );
        }
      };
      const writers = ['a', 'b', 'c', 'd'].map(writer);
      await new Promise((resolve) => setTimeout(resolve, 300));
      await server.stop(signal);
      const before = acknowledged.length;
      await server.start();
      const deadline = Date.now() + 60_000;
      while (acknowledged.length < before + 20 && Date.now() < deadline)
        await new Promise((resolve) => setTimeout(resolve, 20));
      stop.abort();
      await Promise.all(writers);
      expect(acknowledged.length).toBeGreaterThan(before + 19);
      // those that were under way are told in a sentence; the others waited for it to be back
      expect(refused.length).toBeLessThanOrEqual(8);
      for (const error of refused) expect(error).toMatchObject({ code: 'unavailable' });
      const rows = await store.db.selectFrom('facts').select('name').execute();
      const kept = new Set(rows.map(({ name }) => name));
      expect(acknowledged.filter((name) => !kept.has(name))).toEqual([]);
    },
  );
  it('a login’s lock that was held when it went is free again', async () => {
    const held = store.alone('one', async () => {
      await server.stop('SIGINT');
      await server.start();
    });
    await held;
    expect(await store.alone('one', () => Promise.resolve('mine'))).toBe('mine');
  });
  it('F23 commits are on the disk before they are acknowledged, whatever the database’s own default', async () => {
    await onServer(server.url, 'alter database postgres set synchronous_commit to off');
    const second = await openStore(server.url);
    const { rows } = await sql<{ synchronous_commit: string }>`show synchronous_commit`.execute(second.db);
    expect(rows).toEqual([{ synchronous_commit: 'on' }]);
    await second.close();
  });
});
