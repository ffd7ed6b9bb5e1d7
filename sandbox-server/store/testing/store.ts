/**
 * Stores for tests, on the engine that PALESTRA_TEST_STORE names: SQLite in memory, or a fresh database on the
 * PostgreSQL at that address (testing/engine.ts starts one where the variable says just `postgres`).
 */
import { randomBytes } from 'node:crypto';
import pg from 'pg';
import { openStore, type Store } from '../open.ts';

export const TEST_SERVER = process.env['PALESTRA_TEST_STORE'] ?? 'sqlite';
export const onPostgres = TEST_SERVER !== 'sqlite';

/** A store of this test's own; on PostgreSQL its database goes with `close`. */
export async function testStore(): Promise<Store> {
  if (!onPostgres) return openStore(':memory:');
  const database = await testDatabase();
  const store = await openStore(database.url);
  let closing: Promise<void> | undefined;
  return {
    ...store,
    close: () => (closing ??= store.close().then(() => database.drop())),
  };
}

export interface TestDatabase {
  readonly url: string;
  readonly name: string;
  drop(): Promise<void>;
}

/** An empty database, for several stores on it. */
export async function testDatabase(server = TEST_SERVER): Promise<TestDatabase> {
  const name = `test_${randomBytes(6).toString('hex')}`;
  await onServer(server, `create database ${name}`);
  return {
    name,
    url: databaseAt(server, name),
    // whoever is still in it is cut off: a test that failed leaves connections
    drop: () => onServer(server, `drop database ${name} with (force)`),
  };
}

export function databaseAt(server: string, name: string): string {
  return server.replace(/\/[^/?@]+(\?|$)/, `/${name}$1`);
}

/** One statement as the superuser. */
export async function onServer(server: string, statement: string): Promise<void> {
  const url = new URL(server.replace('@/', '@_/'));
  const client = new pg.Client({
    host: url.searchParams.get('host') ?? url.hostname,
    port: Number(url.port || 5432),
    user: decodeURIComponent(url.username),
    password: decodeURIComponent(url.password),
    database: url.pathname.slice(1),
  });
  await client.connect();
  try {
    await client.query(statement);
  } finally {
    await client.end();
  }
}
