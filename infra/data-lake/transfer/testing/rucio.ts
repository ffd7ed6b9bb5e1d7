/** What Rucio 41.5.1's `fts3` transfertool sends and asks, byte for byte in its shape. */
import { randomUUID } from 'node:crypto';
import { adlerOf, type Peer } from './peer.ts';
import { until, type RunningService, type World } from './world.ts';

export interface Wanted {
  readonly sources: readonly Peer[];
  readonly destination: Peer;
  readonly path: string;
  readonly bytes: Buffer;
  /** default: of `bytes`; null: none is given */
  readonly checksum?: string | null;
  readonly size?: number | null;
}
export interface Params {
  readonly account?: string;
  readonly overwrite?: boolean;
  readonly priority?: number;
  readonly verify_checksum?: string;
  readonly retry?: number;
  readonly [more: string]: unknown;
}

/** `_file_from_transfer` */
export async function fileFor(world: World, wanted: Wanted): Promise<Record<string, unknown>> {
  const adler = adlerOf(wanted.bytes);
  const checksum = wanted.checksum === undefined ? `ADLER32:${adler}` : wanted.checksum;
  const tokens = wanted.sources.map((peer) =>
    world.issuer.mint('rucio', { aud: peer.host, scope: 'storage.read:/ offline_access' }),
  );
  return {
    sources: wanted.sources.map((peer) => peer.surl(wanted.path)),
    destinations: [wanted.destination.surl(wanted.path)],
    metadata: {
      request_id: randomUUID().replaceAll('-', ''),
      scope: 'user.ada',
      name: wanted.path.split('/').at(-1),
      activity: 'User Subscriptions',
      request_type: 'TRANSFER',
      src_type: 'DISK',
      dst_type: 'DISK',
      src_rse: 'CNAF_USERDISK',
      dst_rse: 'NAPOLI_USERDISK',
      src_rse_id: '1',
      dest_rse_id: '2',
      filesize: wanted.bytes.length,
      md5: null,
      adler32: adler,
    },
    filesize: wanted.size === undefined ? wanted.bytes.length : wanted.size,
    checksum,
    selection_strategy: 'orderly',
    activity: 'User Subscriptions',
    source_tokens: await Promise.all(tokens),
    destination_tokens: [
      await world.issuer.mint('rucio', {
        aud: wanted.destination.host,
        scope: 'storage.modify:/ storage.read:/ offline_access',
      }),
    ],
  };
}

/** `build_job_params` */
export function paramsFor(params: Params = {}): Record<string, unknown> {
  return {
    account: 'ada',
    verify_checksum: 'both',
    copy_pin_lifetime: 172_800,
    bring_online: null,
    job_metadata: { issuer: 'rucio', multi_sources: false, overwrite_when_only_on_disk: false },
    overwrite: true,
    overwrite_when_only_on_disk: false,
    priority: 3,
    s3alternate: true,
    ...params,
  };
}

export async function submit(
  service: Pick<RunningService, 'ask'>,
  files: readonly unknown[],
  params: Params = {},
): Promise<string> {
  const answer = await service.ask('POST', '/jobs', { body: { files, params: paramsFor(params) } });
  if (answer.status !== 200) throw new Error(`${answer.status} ${answer.body}`);
  return (answer.json as { job_id: string }).job_id;
}

export interface SeenFile {
  readonly file_state: string;
  readonly reason: string | null;
  readonly source_surl: string;
  readonly dest_surl: string;
  readonly start_time: string | null;
  readonly finish_time: string | null;
  readonly staging_start: string | null;
  readonly file_metadata: Record<string, unknown>;
}
export interface SeenJob {
  readonly job_id: string;
  readonly http_status: string;
  readonly job_state: string;
  readonly job_type: string;
  readonly job_metadata: Record<string, unknown>;
  readonly files: readonly SeenFile[];
}

const FIELDS =
  'file_state,dest_surl,finish_time,start_time,staging_start,staging_finished,reason,source_surl,file_metadata';

/** `bulk_query` of one job */
export async function poll(service: Pick<RunningService, 'ask'>, id: string): Promise<SeenJob> {
  const answer = await service.ask('GET', `/jobs/${id}?files=${FIELDS}`);
  if (answer.status !== 200) throw new Error(`${answer.status} ${answer.body}`);
  return answer.json as SeenJob;
}

const FINAL = ['FINISHED', 'FAILED', 'CANCELED', 'FINISHEDDIRTY'];

export function ended(service: Pick<RunningService, 'ask'>, id: string, ms?: number): Promise<SeenJob> {
  return until(
    () => poll(service, id),
    (job) => FINAL.includes(job.job_state) && job.files.every((file) => file.file_state !== 'ACTIVE'),
    ms,
  );
}
