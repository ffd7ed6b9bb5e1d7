/** Opens the server's database, its tables brought up to date: a file of SQLite's, or a PostgreSQL that servers share. */
import type { Kysely, Transaction } from 'kysely';
import { Problem } from '../contract/errors.ts';
import { openSqlite } from './sqlite.ts';
import { migrate } from './migrate.ts';
import type { Engine, Schema } from './schema.ts';

export interface Store {
  readonly db: Kysely<Schema>;
  /** `sqlite`: nobody else works on it; `postgres`: perhaps other servers do */
  readonly engine: Engine;
  /** A transaction, one after the other under a key, also among servers: for what is read, changed and written back. */
  inTurn<T>(key: string, work: (trx: Transaction<Schema>) => Promise<T>): Promise<T>;
  /**
   * Work that asks others meanwhile, one after the other under a key among servers. Whoever asks within one process puts
   * its own in order before; never to be nested. What it writes is written at once, not with its end.
   */
  alone<T>(key: string, work: () => Promise<T>): Promise<T>;
  /** what servers on one database say to each other; null: this one is alone */
  readonly notices: Notices | null;
  close(): Promise<void>;
}

export interface Notices {
  /**
   * @param listener told every notice, our own too, in order
   * @param onGap told when some may have been missed: the connection was lost, and is there again
   */
  listen(listener: (text: string) => void, onGap: () => void): Promise<Disposable>;
  /** @param text at most 7,900 bytes. Problem `unavailable` */
  send(text: string): Promise<void>;
}

/**
 * @param place a file's path, `:memory:`, or `postgres://user:password@host:port/database` (postgres/address.ts).
 * Folder and file are made for this user alone.
 * @throws Problem `unavailable` where it cannot be opened, or was made by a newer Palestra.
 */
export async function openStore(place: string): Promise<Store> {
  // its client is loaded only where it is used
  if (/^postgres(?:ql)?:\/\//.test(place)) return (await import('./postgres/open.ts')).openPostgres(place);
  const db = openSqlite(place);
  try {
    await migrate(db, 'sqlite', place);
  } catch (error) {
    await db.destroy();
    if (error instanceof Problem) throw error;
    const reason = error instanceof Error ? error.message : String(error);
    throw new Problem('unavailable', `The database at ${place} cannot be brought up to date: ${reason}`, {
      cause: error,
    });
  }
  return {
    db,
    engine: 'sqlite',
    // one connection: transactions follow each other
    inTurn: (_key, work) => db.transaction().execute(work),
    alone: (_key, work) => work(),
    notices: null,
    close: () => db.destroy(),
  };
}
