/** One after the other under a key, among all servers of a database: PostgreSQL's advisory locks. */
import { sql, type Transaction } from 'kysely';
import type { Schema } from '../schema.ts';
import type { Address } from './address.ts';
import { connected, openPool, PATIENCE_MS } from './pool.ts';
import { told } from './words.ts';

export interface Locks {
  /** until the transaction ends */
  within(trx: Transaction<Schema>, key: string): Promise<void>;
  /** while `work` runs; it may ask others and write on other connections */
  alone<T>(key: string, work: () => Promise<T>): Promise<T>;
  close(): Promise<void>;
}

/** held at once by one server; connections of their own, or work that holds one could wait for ever for a second */
const MOST = 4;
/** ms that one waits for another server's work: a provider that does not answer is given up after 10 s */
const WAIT_MS = 45_000;

export function locksOn(address: Address): Locks {
  const pool = openPool(address, {
    max: MOST,
    statement_timeout: WAIT_MS,
    connectionTimeoutMillis: WAIT_MS,
    allowExitOnIdle: true,
  });
  return {
    async within(trx, key) {
      await sql`select pg_advisory_xact_lock(hashtextextended(${key}, 0))`.execute(trx);
    },
    async alone(key, work) {
      const client = await connected(pool, PATIENCE_MS).catch(tell);
      try {
        await client.query('select pg_advisory_lock(hashtextextended($1, 0))', [key]).catch(tell);
        return await work();
      } finally {
        client.release(!(await unlocked(client, key)));
      }
    },
    close: () => pool.end(),
  };
}

function tell(error: unknown): never {
  throw told(error);
}

/** A lock whose connection broke was given back with it. */
async function unlocked(
  client: { query(text: string, values: string[]): Promise<unknown> },
  key: string,
): Promise<boolean> {
  return client.query('select pg_advisory_unlock(hashtextextended($1, 0))', [key]).then(
    () => true,
    () => false,
  );
}
