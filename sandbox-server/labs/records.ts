/**
 * Labs as rows. What changes for a moment (a stage, a state on the way to ready) stays in memory: a crash
 * starts the same lab again, and the driver's claim is idempotent; so a warm start waits for two commits, not ten.
 */
import { z } from 'zod';
import type { Store, LabRow } from '../store/index.ts';
import { Problem, ProblemBody } from '../contract/errors.ts';
import { Stage, type Lab } from '../contract/lab.ts';

export type LabRecord = LabRow & {
  readonly login: string;
  /** when its home was last saved into a store of homes */
  readonly saved_at: number | null;
};
export type Change = Partial<Omit<LabRow, 'id' | 'person' | 'course' | 'created_at'>>;

export interface Records {
  /** what the leader said of a lab that is on its way; null: the row says it all */
  heard(id: string, change: Change | null): void;
  /** forget what is only in memory: another server decides, and says */
  forget(): void;
  /** every lab that has not ended is this term's from now on: an earlier leader's writes come too late (F22) */
  fence(): Promise<void>;
  get(id: string): Promise<LabRecord | undefined>;
  /** the one that has not ended */
  openOf(person: string, course: string): Promise<LabRecord | undefined>;
  /** the ready one behind a sandbox */
  bySandbox(sandbox: string): Promise<LabRecord | undefined>;
  /** those that have not ended, oldest first */
  openOfPerson(person: string): Promise<readonly LabRecord[]>;
  allOpen(): Promise<readonly LabRecord[]>;
  /** @returns false where the person has one for that course that has not ended, or one with that slot */
  insert(row: LabRow): Promise<boolean>;
  /**
   * @param durable on the disk when it resolves, together with whatever was only in memory
   * @throws Problem `unavailable` where a later leader has written it
   */
  change(record: LabRecord, change: Change, durable: boolean): Promise<LabRecord>;
}

/** @param term of this server's lead; 0: it is alone */
export function createRecords({ db }: Store, term: () => number = () => 0): Records {
  /** changes that are not on the disk yet, by lab */
  const fresh = new Map<string, Change>();
  const withFresh = (record: LabRecord): LabRecord => ({ ...record, ...fresh.get(record.id) });
  const select = () =>
    db
      .selectFrom('labs')
      .innerJoin('people', 'people.id', 'labs.person')
      .selectAll('labs')
      .select('people.login as login')
      .select((e) =>
        e
          .selectFrom('home_snapshots')
          .select((of) => of.fn.max('saved_at').as('at'))
          .whereRef('home_snapshots.lab', '=', 'labs.id')
          .where('home_snapshots.broken', 'is', null)
          .as('saved_at'),
      );
  const open = () =>
    select().where('labs.state', '!=', 'ended').orderBy('labs.created_at').orderBy('labs.id');
  const restore = (id: string, change: Change | null | undefined): void => {
    if (change) fresh.set(id, change);
    else fresh.delete(id);
  };
  const write = async (id: string, change: Change): Promise<void> => {
    const fence = term();
    const written = await db
      .updateTable('labs')
      .set({ ...change, fence })
      .where('id', '=', id)
      .where('fence', '<=', fence)
      .executeTakeFirst();
    if (written.numUpdatedRows === 0n) throw overtaken();
  };
  return {
    heard: restore,
    forget() {
      fresh.clear();
    },
    async fence() {
      await db
        .updateTable('labs')
        .set({ fence: term() })
        .where('state', '!=', 'ended')
        .where('fence', '<', term())
        .execute();
    },
    async get(id) {
      const found = await select().where('labs.id', '=', id).executeTakeFirst();
      return found && withFresh(found);
    },
    async openOf(person, course) {
      const found = await open().where('person', '=', person).where('course', '=', course).executeTakeFirst();
      return found && withFresh(found);
    },
    bySandbox: (sandbox) =>
      open().where('sandbox', '=', sandbox).where('state', '=', 'ready').executeTakeFirst(),
    async openOfPerson(person) {
      return (await open().where('person', '=', person).execute()).map(withFresh);
    },
    async allOpen() {
      return (await open().execute()).map(withFresh);
    },
    async insert(row) {
      const result = await db
        .insertInto('labs')
        .values(row)
        .onConflict((c) => c.doNothing())
        .executeTakeFirst();
      return result.numInsertedOrUpdatedRows === 1n;
    },
    async change(record, change, durable) {
      const before = fresh.get(record.id);
      const all = { ...before, ...change };
      fresh.set(record.id, all);
      if (durable) {
        await write(record.id, all).catch((error: unknown) => {
          // what could not be written was not said
          if (fresh.get(record.id) === all) restore(record.id, before);
          throw error;
        });
        // whatever was changed while the disk was busy is still only in memory
        if (fresh.get(record.id) === all) fresh.delete(record.id);
      }
      return { ...record, ...all };
    },
  };
}

function overtaken(): Problem {
  return new Problem('unavailable', 'Another server looks after this lab now. Try again in a moment.');
}

const Stages = z.array(Stage);
const Names = z.array(z.string());

export function stagesOf(record: Pick<LabRow, 'stages'>): Stage[] {
  return Stages.parse(JSON.parse(record.stages));
}

export function preparedOf(record: Pick<LabRow, 'prepared'>): string[] {
  return Names.parse(JSON.parse(record.prepared));
}

/** As the page sees it. */
export function labOf(record: LabRecord, token: Lab['token']): Lab {
  return {
    id: record.id,
    course: record.course,
    lesson: record.lesson,
    state: record.state,
    stages: stagesOf(record),
    user: record.login,
    sandbox: record.sandbox,
    createdAt: record.created_at,
    readyAt: record.ready_at,
    keptUntil: record.kept_until,
    savedAt: record.saved_at,
    problem: record.problem === null ? null : ProblemBody.parse(JSON.parse(record.problem)),
    token,
    isolation: record.isolation,
  };
}
