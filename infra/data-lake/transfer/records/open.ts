/** Opens the queue's database: SQLite, for this user alone. */
import { closeSync, mkdirSync, openSync } from 'node:fs';
import { dirname } from 'node:path';
import Database from 'better-sqlite3';
import { Kysely, SqliteDialect } from 'kysely';
import { Migrator, type Migration } from 'kysely/migration';
import type { Schema } from './schema.ts';

const first: Migration = {
  async up(db: Kysely<unknown>) {
    await db.schema
      .createTable('jobs')
      .addColumn('id', 'text', (c) => c.primaryKey())
      .addColumn('type', 'text', (c) => c.notNull())
      .addColumn('state', 'text', (c) => c.notNull())
      .addColumn('submitter', 'text', (c) => c.notNull())
      .addColumn('user', 'text', (c) => c.notNull())
      .addColumn('priority', 'integer', (c) => c.notNull())
      .addColumn('submitted_at', 'integer', (c) => c.notNull())
      .addColumn('finished_at', 'integer')
      .addColumn('queue_until', 'integer')
      .addColumn('params', 'text', (c) => c.notNull())
      .execute();
    await db.schema
      .createTable('files')
      .addColumn('id', 'integer', (c) => c.primaryKey().autoIncrement())
      .addColumn('job', 'text', (c) => c.notNull().references('jobs.id').onDelete('cascade'))
      .addColumn('idx', 'integer', (c) => c.notNull())
      .addColumn('state', 'text', (c) => c.notNull())
      .addColumn('attempt', 'integer', (c) => c.notNull())
      .addColumn('failures', 'integer', (c) => c.notNull())
      .addColumn('not_before', 'integer', (c) => c.notNull())
      .addColumn('source', 'text', (c) => c.notNull())
      .addColumn('destination', 'text', (c) => c.notNull())
      .addColumn('source_element', 'text', (c) => c.notNull())
      .addColumn('destination_element', 'text', (c) => c.notNull())
      .addColumn('source_token', 'text')
      .addColumn('destination_token', 'text')
      .addColumn('checksum', 'text')
      .addColumn('size', 'integer')
      .addColumn('metadata', 'text', (c) => c.notNull())
      .addColumn('activity', 'text')
      .addColumn('ours', 'integer', (c) => c.notNull())
      .addColumn('reason', 'text', (c) => c.notNull())
      .addColumn('found', 'text')
      .addColumn('transferred', 'integer', (c) => c.notNull())
      .addColumn('started_at', 'integer')
      .addColumn('finished_at', 'integer')
      .execute();
    await db.schema
      .createTable('elements')
      .addColumn('name', 'text', (c) => c.primaryKey())
      .addColumn('inbound', 'integer')
      .addColumn('outbound', 'integer')
      .addColumn('banned', 'text')
      .execute();
    await db.schema.createIndex('files_of_job').on('files').column('job').execute();
    await db.schema.createIndex('files_by_state').on('files').columns(['state', 'finished_at']).execute();
    await db.schema
      .createIndex('files_by_destination')
      .on('files')
      .columns(['destination', 'finished_at'])
      .execute();
    await db.schema.createIndex('jobs_by_end').on('jobs').column('finished_at').execute();
  },
};
/** In order; names never change once released. */
const MIGRATIONS = { '001-first': first };

/** @throws Error of SQLite where it cannot be opened, or was made by a newer version */
export async function openDatabase(path: string): Promise<Kysely<Schema>> {
  if (path !== ':memory:') {
    mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
    // SQLite copies the mode to its journal
    closeSync(openSync(path, 'a', 0o600));
  }
  const sqlite = new Database(path);
  sqlite.pragma('journal_mode = WAL');
  // kill -9 loses nothing; a power cut may lose the last moments, and then Rucio, told 404, submits them again.
  // FULL would cost 3.4 ms for each of a transfer's four commits, 0.2 ms it is (measured), and all of them block.
  sqlite.pragma('synchronous = NORMAL');
  sqlite.pragma('foreign_keys = ON');
  sqlite.pragma('busy_timeout = 5000');
  // what was deleted is overwritten: sealed tokens too
  sqlite.pragma('secure_delete = ON');
  const db = new Kysely<Schema>({ dialect: new SqliteDialect({ database: sqlite }) });
  const migrator = new Migrator({ db, provider: { getMigrations: () => Promise.resolve(MIGRATIONS) } });
  const { error } = await migrator.migrateToLatest();
  if (error === undefined) return db;
  await db.destroy();
  throw new Error(`The queue at ${path} does not fit this version of the transfer service.`, {
    cause: error,
  });
}
