/** Files as the queue must know them. */
import type { Kysely, Transaction } from 'kysely';
import type { FileRow, JobRow, Schema } from './schema.ts';

export type Db = Kysely<Schema> | Transaction<Schema>;

/** A file that just began to wait, with what the queue must know of it. */
export type WaitingRow = Pick<
  FileRow,
  'id' | 'job' | 'attempt' | 'not_before' | 'destination' | 'source_element' | 'destination_element'
> &
  Pick<JobRow, 'user' | 'priority' | 'queue_until'>;

export function waitingQuery(db: Db) {
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
