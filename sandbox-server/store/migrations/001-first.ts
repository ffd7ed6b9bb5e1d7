/**
 * The first schema. A migration is never changed once released: the next change is the next file.
 * Times are `bigint`: PostgreSQL's `integer` ends in 1970; to SQLite both are the same.
 */
import { sql, type Kysely, type SchemaModule } from 'kysely';
import type { Migration } from 'kysely/migration';
import type { Engine } from '../schema.ts';

// a migration speaks of tables as they were then, so it knows no Schema
type Then = Kysely<unknown>;

async function up(db: Then, engine: Engine): Promise<void> {
  await people(db.schema);
  await logins(db.schema);
  await labs(db.schema);
  await progress(db.schema, engine);
}

async function people(schema: SchemaModule): Promise<void> {
  await schema
    .createTable('people')
    .addColumn('id', 'text', (c) => c.primaryKey())
    .addColumn('iss', 'text', (c) => c.notNull())
    .addColumn('sub', 'text', (c) => c.notNull())
    .addColumn('login', 'text', (c) => c.notNull().unique())
    .addColumn('name', 'text', (c) => c.notNull())
    .addColumn('email', 'text')
    .addColumn('groups', 'text', (c) => c.notNull().defaultTo('[]'))
    .addColumn('seen_at', 'bigint', (c) => c.notNull())
    .addUniqueConstraint('people_iss_sub', ['iss', 'sub'])
    .execute();
}

async function logins(schema: SchemaModule): Promise<void> {
  await schema
    .createTable('sessions')
    .addColumn('hash', 'text', (c) => c.primaryKey())
    .addColumn('person', 'text', (c) => c.notNull().references('people.id').onDelete('cascade'))
    .addColumn('created_at', 'bigint', (c) => c.notNull())
    .addColumn('until', 'bigint', (c) => c.notNull())
    .addColumn('id_token_sub', 'text')
    .addColumn('access_token', 'text')
    .addColumn('refresh_token', 'text')
    .addColumn('access_until', 'bigint')
    .addColumn('scope', 'text')
    .execute();
  await schema.createIndex('sessions_person').on('sessions').columns(['person', 'created_at']).execute();
  await schema
    .createTable('flows')
    .addColumn('state', 'text', (c) => c.primaryKey())
    .addColumn('nonce', 'text', (c) => c.notNull())
    .addColumn('verifier', 'text', (c) => c.notNull())
    .addColumn('next', 'text', (c) => c.notNull())
    .addColumn('until', 'bigint', (c) => c.notNull())
    .execute();
  await schema
    .createTable('tickets')
    .addColumn('hash', 'text', (c) => c.primaryKey())
    .addColumn('lab', 'text', (c) => c.notNull())
    .addColumn('terminal', 'text', (c) => c.notNull())
    .addColumn('mode', 'text', (c) => c.notNull())
    .addColumn('session', 'text', (c) => c.notNull())
    .addColumn('until', 'bigint', (c) => c.notNull())
    .execute();
}

async function labs(schema: SchemaModule): Promise<void> {
  await schema
    .createTable('labs')
    .addColumn('id', 'text', (c) => c.primaryKey())
    .addColumn('person', 'text', (c) => c.notNull().references('people.id').onDelete('cascade'))
    .addColumn('course', 'text', (c) => c.notNull())
    .addColumn('lesson', 'text', (c) => c.notNull())
    .addColumn('state', 'text', (c) => c.notNull())
    .addColumn('stages', 'text', (c) => c.notNull().defaultTo('[]'))
    .addColumn('sandbox', 'text')
    .addColumn('kit', 'text', (c) => c.notNull())
    .addColumn('isolation', 'text')
    .addColumn('created_at', 'bigint', (c) => c.notNull())
    .addColumn('ready_at', 'bigint')
    .addColumn('kept_until', 'bigint', (c) => c.notNull())
    .addColumn('problem', 'text')
    .addColumn('prepare', 'integer', (c) => c.notNull().defaultTo(0))
    .addColumn('prepared', 'text', (c) => c.notNull().defaultTo('[]'))
    .addColumn('started_by', 'text')
    .execute();
  // F11: the same create a hundred times in parallel meets this, whatever the server's memory says
  await schema
    .createIndex('labs_one_open')
    .on('labs')
    .columns(['person', 'course'])
    .unique()
    .where(sql.ref('state'), '!=', sql.lit('ended'))
    .execute();
  await schema.createIndex('labs_sandbox').on('labs').column('sandbox').execute();
}

async function progress(schema: SchemaModule, engine: Engine): Promise<void> {
  await schema
    .createTable('steps')
    .addColumn('person', 'text', (c) => c.notNull().references('people.id').onDelete('cascade'))
    .addColumn('course', 'text', (c) => c.notNull())
    .addColumn('lesson', 'text', (c) => c.notNull())
    .addColumn('step', 'text', (c) => c.notNull())
    .addColumn('state', 'text', (c) => c.notNull())
    .addColumn('message', 'text', (c) => c.notNull().defaultTo(''))
    .addColumn('at', 'bigint', (c) => c.notNull())
    .addColumn('tries', 'integer', (c) => c.notNull().defaultTo(0))
    .addColumn('hints', 'text', (c) => c.notNull().defaultTo('[]'))
    .addColumn('waiting', 'text')
    .addColumn('acted', 'text', (c) => c.notNull().defaultTo('[]'))
    .addPrimaryKeyConstraint('steps_pk', ['person', 'course', 'lesson', 'step'])
    .execute();
  await schema
    .createTable('transitions')
    .addColumn('id', engine === 'sqlite' ? 'integer' : 'bigint', (c) =>
      engine === 'sqlite' ? c.primaryKey().autoIncrement() : c.primaryKey().generatedAlwaysAsIdentity(),
    )
    .addColumn('person', 'text', (c) => c.notNull().references('people.id').onDelete('cascade'))
    .addColumn('course', 'text', (c) => c.notNull())
    .addColumn('lesson', 'text', (c) => c.notNull())
    .addColumn('step', 'text', (c) => c.notNull())
    .addColumn('lab', 'text', (c) => c.notNull())
    .addColumn('state', 'text', (c) => c.notNull())
    .addColumn('message', 'text', (c) => c.notNull().defaultTo(''))
    .addColumn('at', 'bigint', (c) => c.notNull())
    .execute();
  await schema
    .createIndex('transitions_step')
    .on('transitions')
    .columns(['person', 'course', 'lesson', 'step'])
    .execute();
  await schema
    .createTable('facts')
    .addColumn('person', 'text', (c) => c.notNull().references('people.id').onDelete('cascade'))
    .addColumn('course', 'text', (c) => c.notNull())
    .addColumn('name', 'text', (c) => c.notNull())
    .addColumn('value', 'text', (c) => c.notNull())
    .addColumn('at', 'bigint', (c) => c.notNull())
    .addPrimaryKeyConstraint('facts_pk', ['person', 'course', 'name'])
    .execute();
}

export const first = (engine: Engine): Migration => ({ up: (db: Then) => up(db, engine) });
