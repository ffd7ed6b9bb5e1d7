/**
 * Homes kept in an object store: who has a lab's home now (`generation` fences out whoever had it before), and each
 * snapshot that is whole. Objects hold only bytes; what is newest is said here.
 */
import type { Kysely } from 'kysely';
import type { Migration } from 'kysely/migration';

async function up({ schema }: Kysely<unknown>): Promise<void> {
  await schema
    .createTable('homes')
    .addColumn('lab', 'text', (c) => c.primaryKey())
    .addColumn('generation', 'integer', (c) => c.notNull())
    .addColumn('sandbox', 'text', (c) => c.notNull())
    .addColumn('filled', 'integer', (c) => c.notNull().defaultTo(0))
    .addColumn('saves', 'integer', (c) => c.notNull().defaultTo(0))
    .addColumn('fingerprint', 'text')
    .addColumn('saving_until', 'bigint', (c) => c.notNull().defaultTo(0))
    .execute();
  await schema
    .createTable('home_snapshots')
    .addColumn('lab', 'text', (c) => c.notNull())
    .addColumn('generation', 'integer', (c) => c.notNull())
    .addColumn('number', 'integer', (c) => c.notNull())
    .addColumn('key', 'text', (c) => c.notNull().unique())
    .addColumn('sha256', 'text', (c) => c.notNull())
    .addColumn('size', 'bigint', (c) => c.notNull())
    .addColumn('files', 'integer', (c) => c.notNull())
    .addColumn('bytes', 'bigint', (c) => c.notNull())
    .addColumn('left_out', 'text', (c) => c.notNull())
    .addColumn('saved_at', 'bigint', (c) => c.notNull())
    .addColumn('broken', 'text')
    .addPrimaryKeyConstraint('home_snapshots_pk', ['lab', 'generation', 'number'])
    .execute();
}

export const homes: Migration = { up };
