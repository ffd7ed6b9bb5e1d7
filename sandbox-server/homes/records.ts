/**
 * Who has a home, and what of it is kept. Each step is one statement or one transaction that names the generation, so
 * that of two servers, or of an old sandbox and a new one, only the newer can write (finding 6).
 */
import type { SnapshotSummary } from '../contract/agent.ts';
import type { HomeIn } from '../sandboxes/kept-homes.ts';
import type { HomeSnapshotRow, Store } from '../store/index.ts';

/** The home is this sandbox's, as a number: only the highest of a lab may save. */
export interface Held {
  readonly generation: number;
  /** whether it is whole in that sandbox */
  readonly filled: boolean;
  readonly fingerprint: string | null;
}
export interface NewSnapshot {
  readonly generation: number;
  readonly number: number;
  readonly key: string;
  readonly sha256: string;
  readonly size: number;
  readonly summary: SnapshotSummary;
  readonly at: number;
}
export interface Records {
  /** This sandbox has the home from now on; the same again is the same generation (F12). */
  begin(home: HomeIn): Promise<Held>;
  /** null: another sandbox has it, or nobody */
  held(home: HomeIn): Promise<Held | null>;
  /** @returns whether the generation still has it */
  fill(home: HomeIn, generation: number, fingerprint: string | null): Promise<boolean>;
  /** A number for one save; null: the generation has it no more, or not whole. */
  number(home: HomeIn, generation: number): Promise<number | null>;
  /** @returns false, and nothing is written, where the generation has it no more */
  commit(home: HomeIn, snapshot: NewSnapshot): Promise<boolean>;
  /** newest first, those known to be broken too */
  snapshots(lab: string): Promise<readonly HomeSnapshotRow[]>;
  broken(key: string, why: string): Promise<void>;
  forget(keys: readonly string[]): Promise<void>;
  /** one server saves at a time: @returns false where another does until then */
  lease(home: HomeIn, now: number, until: number): Promise<boolean>;
  unlease(lab: string): Promise<void>;
  /** every trace of the lab: after it nothing of it can be saved */
  remove(lab: string): Promise<void>;
  has(lab: string): Promise<boolean>;
}

export function createRecords(store: Store): Records {
  const { db } = store;
  const held = async ({ lab, sandbox }: HomeIn): Promise<Held | null> => {
    const row = await db
      .selectFrom('homes')
      .select(['generation', 'filled', 'fingerprint'])
      .where('lab', '=', lab)
      .where('sandbox', '=', sandbox)
      .executeTakeFirst();
    return row === undefined ? null : { ...row, filled: row.filled === 1 };
  };
  const ofGeneration = ({ lab, sandbox }: HomeIn, generation: number, on: typeof db = db) =>
    on
      .updateTable('homes')
      .where('lab', '=', lab)
      .where('sandbox', '=', sandbox)
      .where('generation', '=', generation);
  return {
    held,
    begin: (home) =>
      store.inTurn(`home:${home.lab}`, async (trx) => {
        const { lab, sandbox } = home;
        await trx
          .insertInto('homes')
          .values({ lab, sandbox, generation: 1, filled: 0, saves: 0, fingerprint: null, saving_until: 0 })
          .onConflict((c) =>
            c
              .column('lab')
              .doUpdateSet((e) => ({
                sandbox,
                generation: e('homes.generation', '+', 1),
                filled: 0,
                fingerprint: null,
              }))
              .where('homes.sandbox', '!=', sandbox),
          )
          .execute();
        const row = await trx
          .selectFrom('homes')
          .select(['generation', 'filled', 'fingerprint'])
          .where('lab', '=', lab)
          .executeTakeFirstOrThrow();
        return { ...row, filled: row.filled === 1 };
      }),
    async fill(home, generation, fingerprint) {
      const done = await ofGeneration(home, generation).set({ filled: 1, fingerprint }).executeTakeFirst();
      return done.numUpdatedRows === 1n;
    },
    async number(home, generation) {
      const row = await ofGeneration(home, generation)
        .set((e) => ({ saves: e('saves', '+', 1) }))
        .where('filled', '=', 1)
        .returning('saves')
        .executeTakeFirst();
      return row?.saves ?? null;
    },
    commit: (home, { summary, at, ...snapshot }) =>
      store.inTurn(`home:${home.lab}`, async (trx) => {
        const current = await ofGeneration(home, snapshot.generation, trx)
          .set({ fingerprint: summary.fingerprint })
          .executeTakeFirst();
        if (current.numUpdatedRows !== 1n) return false;
        const { files, bytes, leftOut } = summary;
        await trx
          .insertInto('home_snapshots')
          .values({
            ...snapshot,
            lab: home.lab,
            files,
            bytes,
            left_out: JSON.stringify(leftOut),
            saved_at: at,
            broken: null,
          })
          .execute();
        return true;
      }),
    snapshots: (lab) =>
      db
        .selectFrom('home_snapshots')
        .selectAll()
        .where('lab', '=', lab)
        .orderBy('generation', 'desc')
        .orderBy('number', 'desc')
        .execute(),
    async broken(key, why) {
      await db.updateTable('home_snapshots').set({ broken: why }).where('key', '=', key).execute();
    },
    async forget(keys) {
      if (keys.length > 0)
        await db
          .deleteFrom('home_snapshots')
          .where('key', 'in', [...keys])
          .execute();
    },
    async lease({ lab, sandbox }, now, until) {
      const done = await db
        .updateTable('homes')
        .set({ saving_until: until })
        .where('lab', '=', lab)
        .where('sandbox', '=', sandbox)
        .where('saving_until', '<=', now)
        .executeTakeFirst();
      return done.numUpdatedRows === 1n;
    },
    async unlease(lab) {
      await db.updateTable('homes').set({ saving_until: 0 }).where('lab', '=', lab).execute();
    },
    remove: (lab) =>
      store.inTurn(`home:${lab}`, async (trx) => {
        await trx.deleteFrom('homes').where('lab', '=', lab).execute();
        await trx.deleteFrom('home_snapshots').where('lab', '=', lab).execute();
      }),
    async has(lab) {
      const row = await db.selectFrom('homes').select('lab').where('lab', '=', lab).executeTakeFirst();
      return row !== undefined;
    },
  };
}
