/** Opens the one database of a server: SQLite, its schema brought up to date. */
import { closeSync, mkdirSync, openSync } from 'node:fs';
import { dirname } from 'node:path';
import Database from 'better-sqlite3';
import { Kysely, SqliteDialect } from 'kysely';
import { Migrator } from 'kysely/migration';
import { Problem } from '../contract/errors.ts';
import { first } from './migrations/001-first.ts';
import type { Schema } from './schema.ts';

export interface Store {
  readonly db: Kysely<Schema>;
  close(): Promise<void>;
}

/** In order; names never change once released. */
const MIGRATIONS = { '001-first': first };

/**
 * @param path the database's file, or `:memory:`; folder and file are made for this user alone.
 * @throws Problem `unavailable` where it cannot be opened, or was made by a newer Palestra.
 */
export async function openStore(path: string): Promise<Store> {
  const sqlite = openSqlite(path);
  const db = new Kysely<Schema>({ dialect: new SqliteDialect({ database: sqlite }) });
  try {
    await migrate(db, path);
  } catch (error) {
    await db.destroy();
    throw error;
  }
  return { db, close: () => db.destroy() };
}

function openSqlite(path: string): Database.Database {
  try {
    if (path !== ':memory:') makePrivate(path);
    const sqlite = new Database(path);
    sqlite.pragma('journal_mode = WAL');
    // FULL: a commit is on the disk before it is acknowledged (F23). NORMAL would lose the last ones to a
    // power cut; a class of 28 makes a few commits a second, each some ms.
    sqlite.pragma('synchronous = FULL');
    sqlite.pragma('foreign_keys = ON');
    sqlite.pragma('busy_timeout = 5000');
    return sqlite;
  } catch (error) {
    throw new Problem('unavailable', `The database at ${path} cannot be opened: ${reason(error)}`, {
      cause: error,
    });
  }
}

/** Logins live in it: nobody else may read it, its WAL neither (SQLite copies the mode). */
function makePrivate(path: string): void {
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  closeSync(openSync(path, 'a', 0o600));
}

async function migrate(db: Kysely<Schema>, path: string): Promise<void> {
  const migrator = new Migrator({ db, provider: { getMigrations: () => Promise.resolve(MIGRATIONS) } });
  const { error } = await migrator.migrateToLatest();
  if (error === undefined) return;
  throw new Problem(
    'unavailable',
    `The database at ${path} does not fit this version of Palestra: ${reason(error)}. ` +
      'If a newer version used it, start that version again, or move the file away to begin anew.',
    { cause: error },
  );
}

function reason(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
