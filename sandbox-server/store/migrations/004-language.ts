/** In which language a lab's learner is told about steps: that of the page from which it was last entered. */
import type { Kysely } from 'kysely';
import type { Migration } from 'kysely/migration';

async function up({ schema }: Kysely<unknown>): Promise<void> {
  await schema
    .alterTable('labs')
    .addColumn('language', 'text', (c) => c.notNull().defaultTo('en'))
    .execute();
}

export const language: Migration = { up };
