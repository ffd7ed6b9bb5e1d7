/** Brings a database's tables up to date, on either engine; servers that start at once wait for each other. */
import type { Kysely } from 'kysely';
import { Migrator } from 'kysely/migration';
import { Problem } from '../contract/errors.ts';
import { first } from './migrations/001-first.ts';
import { homes } from './migrations/002-homes.ts';
import { replicas } from './migrations/003-replicas.ts';
import { language } from './migrations/004-language.ts';
import type { Engine, Schema } from './schema.ts';

/** In order; names never change once released. */
const MIGRATIONS = (engine: Engine) => ({
  '001-first': first(engine),
  '002-homes': homes,
  '003-replicas': replicas,
  '004-language': language,
});

/**
 * @param place how the database is called in messages
 * @throws Problem `unavailable` where a newer Palestra made it (F24); what the database says otherwise
 */
export async function migrate(db: Kysely<Schema>, engine: Engine, place: string): Promise<void> {
  const migrator = new Migrator({
    db,
    provider: { getMigrations: () => Promise.resolve(MIGRATIONS(engine)) },
  });
  const { error } = await migrator.migrateToLatest();
  if (error === undefined) return;
  const said = error instanceof Error ? error : new Error('unknown', { cause: error });
  if (!/corrupted migrations|is missing/.test(said.message)) throw said;
  throw new Problem(
    'unavailable',
    `The database at ${place} does not fit this version of Palestra: ${said.message}. ` +
      'If a newer version used it, start that version again, or use another database to begin anew.',
    { cause: error },
  );
}
