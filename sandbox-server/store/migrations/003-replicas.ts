/**
 * What several servers on one database agree by: who decides about labs (`leases`), words too long for a notice
 * (`messages`), what all must have alike (`agreements`); and on a lab, which of a learner's places it holds (`slot`) and
 * the term of whoever wrote it last (`fence`).
 */
import { sql, type Kysely } from 'kysely';
import type { Migration } from 'kysely/migration';

async function up({ schema }: Kysely<unknown>): Promise<void> {
  await schema
    .createTable('leases')
    .addColumn('name', 'text', (c) => c.primaryKey())
    .addColumn('holder', 'text', (c) => c.notNull())
    .addColumn('term', 'bigint', (c) => c.notNull())
    .addColumn('until', 'bigint', (c) => c.notNull())
    .execute();
  await schema
    .createTable('messages')
    .addColumn('id', 'text', (c) => c.primaryKey())
    .addColumn('body', 'text', (c) => c.notNull())
    .addColumn('at', 'bigint', (c) => c.notNull())
    .execute();
  await schema
    .createTable('agreements')
    .addColumn('name', 'text', (c) => c.primaryKey())
    .addColumn('value', 'text', (c) => c.notNull())
    .execute();
  await schema
    .alterTable('labs')
    .addColumn('fence', 'bigint', (c) => c.notNull().defaultTo(0))
    .execute();
  await schema.alterTable('labs').addColumn('slot', 'integer').execute();
  // as many labs at a time as the account may have, whichever servers they were started at
  await schema
    .createIndex('labs_slot')
    .on('labs')
    .columns(['person', 'slot'])
    .unique()
    .where(sql.ref('slot'), 'is not', null)
    .execute();
}

export const replicas: Migration = { up };
