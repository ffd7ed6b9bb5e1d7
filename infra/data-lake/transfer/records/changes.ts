/** Changes of a file's state, each guarded, with what follows for its job in the same transaction. */
import type { Transaction } from 'kysely';
import { afterwards, isFinal, jobState, mayBecome, type FileState, type JobType } from '../jobs/states.ts';
import type { Schema } from './schema.ts';
import { waitingQuery, type Db, type WaitingRow } from './waiting.ts';

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

export async function begin(tx: Transaction<Schema>, turn: Turn, at: number): Promise<boolean> {
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

export async function end(
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

export async function cancel(
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

export function guarded(db: Db, turn: Turn, to: FileState) {
  return db
    .updateTable('files')
    .where('id', '=', turn.file)
    .where('attempt', '=', turn.attempt)
    .where('state', 'in', mayBecome(to));
}
export function changed(result: { readonly numUpdatedRows: bigint }): boolean {
  return result.numUpdatedRows === 1n;
}
