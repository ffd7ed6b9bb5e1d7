/**
 * Stores for tests, on the engine that PALESTRA_TEST_STORE names: SQLite in memory, or a fresh database on the
 * PostgreSQL at that address (testing/engine.ts starts one where the variable says just `postgres`).
 */
import { randomBytes } from 'node:crypto';
import { openStore, type Store } from '../open.ts';
import { onServer } from './on-server.ts';

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
  drop(): Promise<void>;
}

/** An empty database, for several stores on it. */
export async function testDatabase(server = TEST_SERVER): Promise<TestDatabase> {
  const name = `test_${randomBytes(6).toString('hex')}`;
  await onServer(server, `create database ${name}`);
  return {
    url: databaseAt(server, name),
    // whoever is still in it is cut off: a test that failed leaves connections
    drop: () => onServer(server, `drop database ${name} with (force)`),
  };
}

export function databaseAt(server: string, name: string): string {
  return server.replace(/\/[^/?@]+(\?|$)/, `/${name}$1`);
}
