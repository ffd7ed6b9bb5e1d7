/**
 * The lead as a row with an end: whoever holds it renews it, and by the database's clock alone. A holder counts its own
 * time from before it asked, so it always believes in its lead a little shorter than the others do (F22).
 */
import { sql } from 'kysely';
import type { Store } from '../store/index.ts';

/** ms: a leader that was killed is missed for so long; one that ends properly hands on at once */
const LEASE_MS = 6_000;
export const RENEW_MS = 2_000;
/** a leader stops believing so long before the others stop */
const MARGIN_MS = 1_000;

export interface Lease {
  /** @returns the new term, and until when by `performance.now()` this one leads; null: somebody else does */
  take(): Promise<Held | null>;
  /** @returns until when; null: it was lost */
  renew(term: number): Promise<number | null>;
  release(term: number): Promise<void>;
  /** who leads now */
  holder(): Promise<{ holder: string; term: number } | null>;
}
export interface Held {
  readonly term: number;
  readonly deadline: number;
}

const now = sql<number>`(extract(epoch from clock_timestamp()) * 1000)::bigint`;
const later = sql<number>`(extract(epoch from clock_timestamp()) * 1000)::bigint + ${sql.lit(LEASE_MS)}`;

export function leaseOf({ db }: Pick<Store, 'db'>, name: string, me: string): Lease {
  const mine = (term: number) =>
    db.updateTable('leases').where('name', '=', name).where('holder', '=', me).where('term', '=', term);
  return {
    async take() {
      const asked = performance.now();
      const row = await db
        .insertInto('leases')
        .values({ name, holder: me, term: 1, until: later })
        .onConflict((c) =>
          c
            .column('name')
            .doUpdateSet({ holder: me, term: sql<number>`leases.term + 1`, until: later })
            .where('leases.until', '<', now),
        )
        .returning('term')
        .executeTakeFirst();
      return row === undefined ? null : { term: row.term, deadline: deadlineFrom(asked) };
    },
    async renew(term) {
      const asked = performance.now();
      const row = await mine(term).set({ until: later }).where('until', '>', now).executeTakeFirst();
      return row.numUpdatedRows === 0n ? null : deadlineFrom(asked);
    },
    async release(term) {
      await mine(term).set({ until: 0 }).execute();
    },
    async holder() {
      const row = await db
        .selectFrom('leases')
        .select(['holder', 'term'])
        .where('name', '=', name)
        .where('until', '>', now)
        .executeTakeFirst();
      return row ?? null;
    },
  };
}

function deadlineFrom(asked: number): number {
  return asked + LEASE_MS - MARGIN_MS;
}
