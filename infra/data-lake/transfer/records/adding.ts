/** A job comes onto the disk, its tokens sealed to it. */
import type { Transaction } from 'kysely';
import { seal, unseal } from '../../../../sandbox-server/identity/sealed.ts';
import type { NewFile, NewJob } from '../jobs/submission.ts';
import type { FileRow, Schema } from './schema.ts';
import { waitingQuery, type WaitingRow } from './waiting.ts';

export interface Tokens {
  readonly source: string | null;
  readonly destination: string | null;
}

export async function add(
  tx: Transaction<Schema>,
  key: Buffer,
  job: NewJob,
): Promise<readonly WaitingRow[] | null> {
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
export function tokensOf(file: FileRow, key: Buffer): Tokens {
  const open = (place: string, text: string | null) =>
    text === null ? null : unseal(key, `${file.job} ${place}`, text);
  return {
    source: open('source', file.source_token),
    destination: open('destination', file.destination_token),
  };
}
