/** A database that several servers share. */
import { Kysely, PostgresDialect } from 'kysely';
import type pg from 'pg';
import { migrate } from '../migrate.ts';
import type { Store } from '../open.ts';
import type { Schema } from '../schema.ts';
import { postgresAddress, type Address } from './address.ts';
import { locksOn } from './locks.ts';
import { noticesOn } from './notices.ts';
import { connected, openPool, patient } from './pool.ts';
import { cannotOpen } from './words.ts';

/** ms that a start waits for a database that may start beside it, as pods do */
const START_PATIENCE_MS = 30_000;
/** ms that a migration may take, and that a second server waits for it */
const MIGRATION_MS = 600_000;

/** @throws Problem `bad-request`, `unavailable`: a sentence without the password */
export async function openPostgres(text: string, startPatienceMs = START_PATIENCE_MS): Promise<Store> {
  const address = postgresAddress(text);
  await bringUpToDate(address, startPatienceMs).catch((error: unknown) => {
    throw cannotOpen(error, address.spoken);
  });
  const pool = openPool(address);
  const locks = locksOn(address);
  const db = new Kysely<Schema>({ dialect: new PostgresDialect({ pool: patient(pool) }) });
  const notices = noticesOn(address, db);
  let closing: Promise<void> | undefined;
  const closeAll = async (): Promise<void> => {
    await notices.close();
    await locks.close();
    await db.destroy();
    if (!pool.ending) await pool.end();
  };
  return {
    db,
    engine: 'postgres',
    inTurn: (key, work) =>
      db.transaction().execute(async (trx) => {
        await locks.within(trx, key);
        return work(trx);
      }),
    alone: (key, work) => locks.alone(key, work),
    notices,
    close: () => (closing ??= closeAll()),
  };
}

/** Over connections of its own, whose statements may take their time. */
async function bringUpToDate(address: Address, patienceMs: number): Promise<void> {
  const pool: pg.Pool = openPool(address, { max: 2, statement_timeout: MIGRATION_MS });
  const db = new Kysely<Schema>({ dialect: new PostgresDialect({ pool }) });
  try {
    (await connected(pool, patienceMs)).release();
    await migrate(db, 'postgres', address.spoken);
  } finally {
    // Kysely ends only a pool that it used
    await db.destroy();
    if (!pool.ended) await pool.end();
  }
}
