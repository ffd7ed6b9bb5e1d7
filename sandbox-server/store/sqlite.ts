/** The database of one server on one machine: a file of SQLite's. */
import { closeSync, mkdirSync, openSync } from 'node:fs';
import { dirname } from 'node:path';
import Database from 'better-sqlite3';
import { Kysely, SqliteDialect } from 'kysely';
import { Problem } from '../contract/errors.ts';
import type { Schema } from './schema.ts';

/** @throws Problem `unavailable` where it cannot be opened */
export function openSqlite(path: string): Kysely<Schema> {
  return new Kysely<Schema>({ dialect: new SqliteDialect({ database: openFile(path) }) });
}

function openFile(path: string): Database.Database {
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
    const reason = error instanceof Error ? error.message : String(error);
    throw new Problem('unavailable', `The database at ${path} cannot be opened: ${reason}`, { cause: error });
  }
}

/** Logins live in it: nobody else may read it, its WAL neither (SQLite copies the mode). */
function makePrivate(path: string): void {
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  closeSync(openSync(path, 'a', 0o600));
}
