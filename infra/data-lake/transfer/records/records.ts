/**
 * The queue on disk: the one truth. Every change of a file's state is one guarded statement (only from a state that
 * may become it, only of the attempt that asks), and what follows for its job stands in the same transaction.
 */
import { sql, type Kysely, type Transaction } from 'kysely';
import { seal, unseal } from '../../../../sandbox-server/identity/sealed.ts';
import type { NewFile, NewJob } from '../jobs/submission.ts';
import { afterwards, isFinal, jobState, mayBecome, type FileState, type JobType } from '../jobs/states.ts';
import type { FileRow, JobRow, Schema } from './schema.ts';

export interface Tokens {
  readonly source: string | null;
  readonly destination: string | null;
}
export interface JobWithFiles {
  readonly job: JobRow;
  readonly files: readonly FileRow[];
}
/** A file at one attempt: whoever holds an older one changes nothing any more. */
export interface Turn {
  readonly file: number;
  readonly attempt: number;
}
export interface Ending {
  readonly state: Extract<FileState, 'finished' | 'failed' | 'canceled'>;
  readonly at: number;
  readonly reason?: string;
  readonly found?: unknown;
  readonly transferred?: number;
}
/** A file that just began to wait, with what the queue must know of it. */
export type WaitingRow = Pick<
  FileRow,
  'id' | 'job' | 'attempt' | 'not_before' | 'destination' | 'source_element' | 'destination_element'
> &
  Pick<JobRow, 'user' | 'priority' | 'queue_until'>;

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

type Db = Kysely<Schema> | Transaction<Schema>;

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

async function add(tx: Transaction<Schema>, key: Buffer, job: NewJob): Promise<readonly WaitingRow[] | null> {
  const known = await tx.selectFrom('jobs').select('id').where('id', '=', job.id).executeTakeFirst();
  if (known !== undefined) return null;
  await tx
    .insertInto('jobs')
    .values({
      id: job.id,
      type: job.type,
      state: 'SUBMITTED',
      submitter: job.submitter,
      user: job.user,
      priority: job.priority,
      submitted_at: job.submittedAt,
      finished_at: null,
      queue_until: job.queueUntil,
      params: JSON.stringify(job.params),
    })
    .execute();
  // SQLite takes 32,766 values in one statement; 200 files have 4,400
  for (let at = 0; at < job.files.length; at += 200)
    await tx
      .insertInto('files')
      .values(job.files.slice(at, at + 200).map((file) => rowFrom(file, job.id, key)))
      .execute();
  return waitingQuery(tx)
    .where('files.job', '=', job.id)
    .where('files.state', '=', 'waiting')
    .orderBy('files.id')
    .execute();
}

function rowFrom(file: NewFile, job: string, key: Buffer): Omit<FileRow, 'id'> {
  return {
    job,
    idx: file.index,
    state: file.state,
    attempt: 1,
    failures: 0,
    not_before: 0,
    source: file.source,
    destination: file.destination,
    source_element: file.sourceElement,
    destination_element: file.destinationElement,
    source_token: sealed(key, `${job} source`, file.sourceToken),
    destination_token: sealed(key, `${job} destination`, file.destinationToken),
    checksum: file.checksum,
    size: file.size,
    metadata: JSON.stringify(file.metadata),
    activity: file.activity,
    ours: 0,
    reason: '',
    found: null,
    transferred: 0,
    started_at: null,
    finished_at: null,
  };
}

function sealed(key: Buffer, place: string, token: string | null): string | null {
  return token === null ? null : seal(key, place, token);
}
function tokensOf(file: FileRow, key: Buffer): Tokens {
  const open = (place: string, text: string | null) =>
    text === null ? null : unseal(key, `${file.job} ${place}`, text);
  return {
    source: open('source', file.source_token),
    destination: open('destination', file.destination_token),
  };
}

async function begin(tx: Transaction<Schema>, turn: Turn, at: number): Promise<boolean> {
  const result = await guarded(tx, turn, 'preparing')
    .set((e) => ({ state: 'preparing', started_at: e.fn.coalesce('started_at', e.val(at)) }))
    .executeTakeFirst();
  if (!changed(result)) return false;
  await tx
    .updateTable('jobs')
    .set({ state: 'ACTIVE' })
    .where('state', '=', 'SUBMITTED')
    .where('id', '=', tx.selectFrom('files').select('job').where('id', '=', turn.file))
    .execute();
  return true;
}

async function end(
  tx: Transaction<Schema>,
  turn: Turn,
  ending: Ending,
): Promise<readonly WaitingRow[] | null> {
  const result = await guarded(tx, turn, ending.state)
    .set({
      ...over(ending),
      ...(ending.transferred === undefined ? {} : { transferred: ending.transferred }),
    })
    .executeTakeFirst();
  if (!changed(result)) return null;
  const { job } = await tx
    .selectFrom('files')
    .select('job')
    .where('id', '=', turn.file)
    .executeTakeFirstOrThrow();
  return settle(tx, job, turn.file, ending.at);
}

/** A final file needs its tokens no more. */
function over(ending: Ending) {
  return {
    state: ending.state,
    finished_at: ending.at,
    reason: ending.reason ?? '',
    found: ending.found === undefined ? null : JSON.stringify(ending.found),
    source_token: null,
    destination_token: null,
  };
}

/** Wakes the next source or hop, drops what is not needed any more, and says how the job stands. */
async function settle(
  tx: Transaction<Schema>,
  job: string,
  ended: number,
  at: number,
): Promise<readonly WaitingRow[]> {
  const files = await tx
    .selectFrom('files')
    .select(['id', 'idx as index', 'state'])
    .where('job', '=', job)
    .orderBy('id')
    .execute();
  const { type } = await tx.selectFrom('jobs').select('type').where('id', '=', job).executeTakeFirstOrThrow();
  const { wake, drop } = afterwards(
    type satisfies JobType,
    files,
    files.findIndex((file) => file.id === ended),
  );
  const ids = (indices: readonly number[]) => indices.flatMap((index) => files[index]?.id ?? []);
  await become(tx, ids(wake), 'waiting', {});
  await become(tx, ids(drop), 'unused', { finished_at: at, source_token: null, destination_token: null });
  await restate(tx, job, at);
  if (wake.length === 0) return [];
  return waitingQuery(tx).where('files.id', 'in', ids(wake)).execute();
}

async function become(
  tx: Transaction<Schema>,
  ids: readonly number[],
  state: FileState,
  more: object,
): Promise<void> {
  if (ids.length === 0) return;
  await tx
    .updateTable('files')
    .set({ state, ...more })
    .where('id', 'in', ids)
    .where('state', 'in', mayBecome(state))
    .execute();
}

async function restate(tx: Transaction<Schema>, job: string, at: number): Promise<void> {
  const files = await tx
    .selectFrom('files')
    .select(['idx as index', 'state'])
    .where('job', '=', job)
    .execute();
  const ended = files.every((file) => isFinal(file.state));
  await tx
    .updateTable('jobs')
    .set({ state: jobState(files), ...(ended ? { finished_at: at } : {}) })
    .where('id', '=', job)
    .execute();
}

async function cancel(
  tx: Transaction<Schema>,
  job: string,
  reason: string,
  at: number,
): Promise<readonly Turn[]> {
  await tx
    .updateTable('files')
    .set(over({ state: 'canceled', at, reason }))
    .where('job', '=', job)
    .where('state', 'in', ['held', 'waiting'])
    .execute();
  const active = await tx
    .updateTable('files')
    .set({ state: 'canceling', reason })
    .where('job', '=', job)
    .where('state', 'in', mayBecome('canceling'))
    .returning(['id as file', 'attempt'])
    .execute();
  await restate(tx, job, at);
  return active;
}

function guarded(db: Db, turn: Turn, to: FileState) {
  return db
    .updateTable('files')
    .where('id', '=', turn.file)
    .where('attempt', '=', turn.attempt)
    .where('state', 'in', mayBecome(to));
}
function changed(result: { readonly numUpdatedRows: bigint }): boolean {
  return result.numUpdatedRows === 1n;
}

function waitingQuery(db: Db) {
  return db
    .selectFrom('files')
    .innerJoin('jobs', 'jobs.id', 'files.job')
    .select([
      'files.id',
      'files.job',
      'files.attempt',
      'files.not_before',
      'files.destination',
      'files.source_element',
      'files.destination_element',
      'jobs.user',
      'jobs.priority',
      'jobs.queue_until',
    ]);
}

async function jobsOf(db: Kysely<Schema>, ids: readonly string[]): Promise<readonly JobWithFiles[]> {
  if (ids.length === 0) return [];
  const jobs = await db.selectFrom('jobs').selectAll().where('id', 'in', ids).execute();
  const files = await db.selectFrom('files').selectAll().where('job', 'in', ids).orderBy('id').execute();
  const byJob = Map.groupBy(files, (file) => file.job);
  return jobs.map((job) => ({ job, files: byJob.get(job.id) ?? [] }));
}
