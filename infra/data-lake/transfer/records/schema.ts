/** The tables of the queue. Times are ms since the epoch; JSON is text, parsed where it is read. */
import type { Generated, Selectable } from 'kysely';
import type { FileState, JobState, JobType } from '../jobs/states.ts';

export interface JobsTable {
  id: string;
  type: JobType;
  state: JobState;
  submitter: string;
  user: string;
  priority: number;
  submitted_at: number;
  finished_at: number | null;
  /** what waits longer is given up; null: no end */
  queue_until: number | null;
  /** JobParams */
  params: string;
}
export interface FilesTable {
  id: Generated<number>;
  job: string;
  /** sources of one file share it */
  idx: number;
  state: FileState;
  /** counts up each time it begins to wait again */
  attempt: number;
  /** attempts that failed: a restart of ours is none */
  failures: number;
  not_before: number;
  source: string;
  destination: string;
  source_element: string;
  destination_element: string;
  /** sealed; null once the file is final */
  source_token: string | null;
  destination_token: string | null;
  checksum: string | null;
  size: number | null;
  metadata: string;
  activity: string | null;
  /** 1: an attempt of ours may have written to the destination */
  ours: number;
  reason: string;
  /** Found: what the destination held, where that was the reason */
  found: string | null;
  transferred: number;
  started_at: number | null;
  finished_at: number | null;
}
export interface ElementsTable {
  /** as the operator named it */
  name: string;
  inbound: number | null;
  outbound: number | null;
  /** Ban */
  banned: string | null;
}
export interface Schema {
  jobs: JobsTable;
  files: FilesTable;
  elements: ElementsTable;
}
export type JobRow = Selectable<JobsTable>;
export type FileRow = Selectable<FilesTable>;
