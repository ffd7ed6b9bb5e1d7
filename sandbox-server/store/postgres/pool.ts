/**
 * Connections to PostgreSQL for Kysely. While the database is away whoever asks waits for some seconds (a restart takes
 * three) before they are told; nothing that was sent is sent twice, since nobody knows whether it was done.
 */
import { setTimeout as wait } from 'node:timers/promises';
import pg from 'pg';
import type { PostgresPool, PostgresPoolClient } from 'kysely';
import type { Address } from './address.ts';
import { isAway, told } from './words.ts';

/** ms that a request waits for a database that restarts, and ms between its tries */
export const PATIENCE_MS = 8_000;
const PAUSE_MS = 150;

/** bigint columns and counts are times and small numbers: exact as a JavaScript number far past the year 200000 */
const INT8 = 20;
const types: pg.CustomTypesConfig = {
  getTypeParser: ((oid: number, format?: 'text'): unknown =>
    oid === INT8
      ? wholeNumber
      : pg.types.getTypeParser(oid, format)) as pg.CustomTypesConfig['getTypeParser'],
};

function wholeNumber(text: string): number {
  const value = Number(text);
  if (!Number.isSafeInteger(value)) throw new RangeError(`${text} does not fit a number`);
  return value;
}

/** What a connection is made with. */
export function clientOptions({ config }: Address): pg.PoolConfig {
  // F23: acknowledged is on the disk, whatever the database's own default
  return { ...config, types, options: '-c synchronous_commit=on' };
}

/** @param change e.g. another size for a pool of another purpose */
export function openPool(address: Address, change: pg.PoolConfig = {}): pg.Pool {
  const pool = new pg.Pool({ ...clientOptions(address), ...change });
  // a connection that breaks while nobody uses it, or in the middle of a query, which is told of it by itself:
  // without a listener the process would end
  pool.on('error', () => undefined);
  pool.on('connect', (client) => client.on('error', () => undefined));
  return pool;
}

/** The pool as Kysely uses it: patient, and failures of the way are Problems. */
export function patient(pool: pg.Pool): PostgresPool {
  return {
    connect: async () =>
      telling(
        await connected(pool, PATIENCE_MS).catch((error: unknown) => {
          throw told(error);
        }),
      ),
    end: () => pool.end(),
    options: {},
  };
}

/** @throws what the last try said where the database stays away; anything else that a try says, at once */
export async function connected(pool: pg.Pool, patienceMs: number): Promise<pg.PoolClient> {
  const deadline = performance.now() + patienceMs;
  for (;;) {
    try {
      return await pool.connect();
    } catch (error) {
      if (!isAway(error) || performance.now() + PAUSE_MS > deadline) throw error;
      await wait(PAUSE_MS);
    }
  }
}

/** One wrapper for each client, since Kysely knows its connections by identity. */
const tellers = new WeakMap<pg.PoolClient, PostgresPoolClient>();

function telling(client: pg.PoolClient): PostgresPoolClient {
  const known = tellers.get(client);
  if (known !== undefined) return known;
  const query = async (text: string, values: readonly unknown[]): Promise<unknown> => {
    try {
      return await client.query(text, [...values]);
    } catch (error) {
      throw told(error);
    }
  };
  const teller = { query, release: (broken?: boolean) => client.release(broken) } as PostgresPoolClient;
  tellers.set(client, teller);
  return teller;
}
