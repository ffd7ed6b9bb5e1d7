/**
 * The queue on disk: the one truth. Every change of a file's state is one guarded statement (only from a state that
 * may become it, only of the attempt that asks), and what follows for its job stands in the same transaction.
 */
import { sql, type Kysely } from 'kysely';
import type { NewJob } from '../jobs/submission.ts';
import { add, tokensOf, type Tokens } from './adding.ts';
import { begin, cancel, changed, end, guarded, type Ending, type Turn } from './changes.ts';
import type { FileRow, JobRow, Schema } from './schema.ts';
import { waitingQuery, type WaitingRow } from './waiting.ts';

export type { Tokens, Turn, WaitingRow };

export interface JobWithFiles {
  readonly job: JobRow;
  readonly files: readonly FileRow[];
}
export interface Records {
  /** @returns its files that wait; null where a job of this id exists already */
  add(job: NewJob): Promise<readonly WaitingRow[] | null>;
  jobs(ids: readonly string[]): Promise<readonly JobWithFiles[]>;
  recent(options: {
    readonly submitter?: string;
    readonly states?: readonly string[];
    readonly most: number;
  }): Promise<readonly JobRow[]>;
  file(id: number): Promise<{ readonly file: FileRow; readonly job: JobRow; readonly tokens: Tokens } | null>;
  waiting(): Promise<readonly WaitingRow[]>;
  underWay(): Promise<readonly FileRow[]>;
  /** waiting → preparing. @returns false where it is not this turn's any more */
  begin(turn: Turn, at: number): Promise<boolean>;
  /** preparing → copying: from now on the destination may hold bytes of ours */
  writing(turn: Turn): Promise<boolean>;
  /** back into the queue, as the next attempt. @returns null where it is not this turn's any more */
  again(turn: Turn, next: { notBefore: number; failed: boolean; reason: string }): Promise<WaitingRow | null>;
  /** The end of a file and what it means for its job. @returns files that wait now; null: it had ended otherwise */
  end(turn: Turn, ending: Ending): Promise<readonly WaitingRow[] | null>;
  /** @returns files whose copy must be stopped: they are `canceling` until `end` says `canceled` */
  cancel(job: string, reason: string, at: number): Promise<readonly Turn[]>;
  prioritise(job: string, priority: number): Promise<void>;
  /** Did another job bring a file to this address after `since`? */
  arrivedSince(destination: string, since: number): Promise<boolean>;
  prune(before: number): Promise<number>;
  close(): Promise<void>;
}

export function createRecords(db: Kysely<Schema>, key: Buffer): Records {
  return {
    add: (job) => db.transaction().execute((tx) => add(tx, key, job)),
    jobs: (ids) => jobsOf(db, ids),
    async recent({ submitter, states, most }) {
      let query = db.selectFrom('jobs').selectAll().orderBy('submitted_at', 'desc').limit(most);
      if (submitter !== undefined) query = query.where('submitter', '=', submitter);
      if (states !== undefined) query = query.where(sql<boolean>`state in (${sql.join(states)})`);
      return query.execute();
    },
    async file(id) {
      const file = await db.selectFrom('files').selectAll().where('id', '=', id).executeTakeFirst();
      if (file === undefined) return null;
      const job = await db
        .selectFrom('jobs')
        .selectAll()
        .where('id', '=', file.job)
        .executeTakeFirstOrThrow();
      return { file, job, tokens: tokensOf(file, key) };
    },
    waiting: () => waitingQuery(db).where('files.state', '=', 'waiting').orderBy('files.id').execute(),
    underWay: () =>
      db
        .selectFrom('files')
        .selectAll()
        .where('state', 'in', ['preparing', 'copying', 'canceling'])
        .execute(),
    begin: (turn, at) => db.transaction().execute((tx) => begin(tx, turn, at)),
    async writing(turn) {
      return changed(
        await guarded(db, turn, 'copying').set({ state: 'copying', ours: 1 }).executeTakeFirst(),
      );
    },
    async again(turn, { notBefore, failed, reason }) {
      const result = await guarded(db, turn, 'waiting')
        .set((e) => ({
          state: 'waiting',
          attempt: e('attempt', '+', 1),
          failures: e('failures', '+', failed ? 1 : 0),
          not_before: notBefore,
          reason,
        }))
        .executeTakeFirst();
      if (!changed(result)) return null;
      return waitingQuery(db).where('files.id', '=', turn.file).executeTakeFirstOrThrow();
    },
    end: (turn, ending) => db.transaction().execute((tx) => end(tx, turn, ending)),
    cancel: (job, reason, at) => db.transaction().execute((tx) => cancel(tx, job, reason, at)),
    async prioritise(job, priority) {
      await db.updateTable('jobs').set({ priority }).where('id', '=', job).execute();
    },
    async arrivedSince(destination, since) {
      const found = await db
        .selectFrom('files')
        .select('id')
        .where('destination', '=', destination)
        .where('finished_at', '>=', since)
        .where('state', '=', 'finished')
        .executeTakeFirst();
      return found !== undefined;
    },
    async prune(before) {
      const result = await db.deleteFrom('jobs').where('finished_at', '<', before).executeTakeFirst();
      return Number(result.numDeletedRows);
    },
    close: () => db.destroy(),
  };
}

async function jobsOf(db: Kysely<Schema>, ids: readonly string[]): Promise<readonly JobWithFiles[]> {
  if (ids.length === 0) return [];
  const jobs = await db.selectFrom('jobs').selectAll().where('id', 'in', ids).execute();
  const files = await db.selectFrom('files').selectAll().where('job', 'in', ids).orderBy('id').execute();
  const byJob = Map.groupBy(files, (file) => file.job);
  return jobs.map((job) => ({ job, files: byJob.get(job.id) ?? [] }));
}
