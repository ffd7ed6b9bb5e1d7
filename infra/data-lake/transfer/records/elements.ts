/** What operators set for elements: limits and bans. */
import type { Kysely } from 'kysely';
import type { Ban, Elements, ElementSettings } from '../queue/limits.ts';
import type { Schema } from './schema.ts';

export interface ElementRecords {
  all(): Promise<Elements>;
  set(name: string, change: Partial<ElementSettings>): Promise<void>;
}

const NOTHING: ElementSettings = { inbound: null, outbound: null, banned: null };

export function createElementRecords(db: Kysely<Schema>): ElementRecords {
  async function all(): Promise<Map<string, ElementSettings>> {
    const rows = await db.selectFrom('elements').selectAll().execute();
    return new Map(
      rows.map(({ name, inbound, outbound, banned }) => [
        name,
        { inbound, outbound, banned: banned === null ? null : (JSON.parse(banned) as Ban) },
      ]),
    );
  }
  return {
    all,
    async set(name, change) {
      const { inbound, outbound, banned } = { ...NOTHING, ...(await all()).get(name), ...change };
      const row = { name, inbound, outbound, banned: banned === null ? null : JSON.stringify(banned) };
      await db
        .insertInto('elements')
        .values(row)
        .onConflict((conflict) => conflict.column('name').doUpdateSet(row))
        .execute();
    },
  };
}
