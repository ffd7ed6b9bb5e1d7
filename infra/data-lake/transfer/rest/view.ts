/** Jobs and files as FTS3 shows them. Never a token: only what is named here leaves. */
import { JobParams, VO } from '../jobs/submission.ts';
import { spoken } from '../jobs/states.ts';
import type { FileRow, JobRow } from '../records/schema.ts';
import type { JobWithFiles } from '../records/records.ts';

/** Bytes so far, of files under way. */
export type Progress = ReadonlyMap<number, { readonly bytes: number; readonly since: number }>;

/** Rucio reads times with `%Y-%m-%dT%H:%M:%S`: UTC, no fraction, no zone. */
function fts3Time(ms: number | null): string | null {
  return ms === null ? null : new Date(ms).toISOString().slice(0, 19);
}

/** @param fields of files; null: the job alone */
export function jobView(
  { job, files }: JobWithFiles,
  fields: readonly string[] | null,
  progress: Progress,
  now: number,
): Record<string, unknown> {
  const params = JobParams.parse(JSON.parse(job.params));
  const first = files[0];
  return {
    job_id: job.id,
    http_status: '200 Ok',
    job_state: job.state,
    job_type: job.type,
    job_metadata: params.metadata,
    submit_time: fts3Time(job.submitted_at),
    job_finished: fts3Time(job.finished_at),
    user_dn: job.submitter,
    vo_name: VO,
    cred_id: job.submitter,
    priority: job.priority,
    verify_checksum: params.verify,
    overwrite_flag: params.overwrite,
    source_se: first === undefined ? null : `davs://${first.source_element}`,
    dest_se: first === undefined ? null : `davs://${first.destination_element}`,
    reason: files.find((file) => file.reason !== '')?.reason ?? null,
    ...(fields === null
      ? {}
      : { files: files.map((file) => chosen(fileView(file, job, progress, now), fields)) }),
  };
}

export function fileView(
  file: FileRow,
  job: JobRow,
  progress: Progress,
  now: number,
): Record<string, unknown> {
  const flight = progress.get(file.id);
  const transferred = flight?.bytes ?? file.transferred;
  const seconds = secondsOf(file, flight?.since ?? file.started_at, now);
  return {
    file_id: file.id,
    job_id: job.id,
    file_index: file.idx,
    file_state: spoken(file.state),
    source_surl: file.source,
    dest_surl: file.destination,
    source_se: `davs://${file.source_element}`,
    dest_se: `davs://${file.destination_element}`,
    start_time: fts3Time(file.started_at),
    finish_time: fts3Time(file.finished_at),
    staging_start: null,
    staging_finished: null,
    // an attempt that is to come tells why the last one failed: people look for it
    reason: file.reason === '' ? null : file.reason,
    retry: file.failures,
    checksum: file.checksum === null ? null : `ADLER32:${file.checksum}`,
    user_filesize: file.size,
    filesize: file.state === 'finished' ? file.transferred : file.size,
    transferred,
    // MiB/s, as FTS3
    throughput: seconds > 0 ? transferred / seconds / 1_048_576 : null,
    tx_duration: seconds > 0 ? seconds : null,
    activity: file.activity,
    file_metadata: metadataOf(file),
  };
}

function secondsOf(file: FileRow, since: number | null, now: number): number {
  return since === null ? 0 : ((file.finished_at ?? now) - since) / 1000;
}

/** Rucio learns from `dst_file` that a file which exists already is the right one. */
function metadataOf(file: FileRow): unknown {
  const metadata: unknown = JSON.parse(file.metadata);
  if (file.found === null || typeof metadata !== 'object' || metadata === null) return metadata;
  const { size, adler32 } = JSON.parse(file.found) as { size: number; adler32: string | null };
  return {
    ...metadata,
    dst_file: { file_size: size, checksum_type: 'ADLER32', checksum_value: adler32, file_on_tape: false },
  };
}

function chosen(view: Record<string, unknown>, fields: readonly string[]): Record<string, unknown> {
  return Object.fromEntries(fields.map((field) => [field, view[field] ?? null]));
}

export function unknownJob(id: string): Record<string, unknown> {
  return {
    job_id: id,
    http_status: '404 Not Found',
    http_message: `No job with the id "${id}" has been found`,
  };
}
