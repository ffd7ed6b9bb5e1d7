/** `POST /jobs`: what a submitter may ask (FTS3's bulk format), and the job that it becomes. */
import { createHash, randomUUID } from 'node:crypto';
import { z } from 'zod';
import { addressOf, elementOf } from './addresses.ts';
import { adlerGiven, verifyGiven, type Verify } from './checksum.ts';
import type { FileState, JobType } from './states.ts';

const Surl = z.string().max(4096);
/** JWTs of an issuer with many groups reach 4 kB */
const Token = z.string().min(1).max(16_384);

const SubmittedFile = z.object({
  sources: z.array(Surl).min(1).max(50),
  destinations: z.array(Surl).length(1),
  source_tokens: z.array(Token.nullable()).max(50).nullish(),
  destination_tokens: z.array(Token.nullable()).max(1).nullish(),
  checksum: z.string().max(200).nullish(),
  filesize: z.number().int().min(0).nullish(),
  metadata: z.unknown().optional(),
  activity: z.string().max(200).nullish(),
});

const Params = z
  .looseObject({
    verify_checksum: z.unknown().optional(),
    overwrite: z.boolean().nullish(),
    overwrite_hop: z.boolean().nullish(),
    multihop: z.boolean().nullish(),
    priority: z.number().int().nullish(),
    account: z.string().max(200).nullish(),
    retry: z.number().int().nullish(),
    retry_delay: z.number().int().min(0).nullish(),
    max_time_in_queue: z.union([z.number(), z.string().max(20)]).nullish(),
    job_metadata: z.unknown().optional(),
    id_generator: z.string().max(40).nullish(),
    sid: z.string().max(400).nullish(),
  })
  .default({});

/** 200 files of two tokens each is what Rucio sends at most; ten times that is a mistake. */
export const Submission = z.object({ files: z.array(SubmittedFile).min(1).max(2000), params: Params });
export type Submission = z.infer<typeof Submission>;

/** Of a job, once for all its files. Kept as JSON. */
export const JobParams = z.object({
  verify: z.enum(['both', 'source', 'target', 'none']),
  overwrite: z.boolean(),
  /** the last hop's own word where hops before it are overwritten */
  overwriteHop: z.boolean(),
  /** how often a file is tried again; null: as the service does by default */
  retries: z.number().int().nullable(),
  retryDelayMs: z.number().nullable(),
  metadata: z.unknown().optional(),
});
export type JobParams = z.infer<typeof JobParams>;

export interface NewFile {
  readonly index: number;
  readonly state: Extract<FileState, 'waiting' | 'held'>;
  readonly source: string;
  readonly destination: string;
  readonly sourceElement: string;
  readonly destinationElement: string;
  readonly sourceToken: string | null;
  readonly destinationToken: string | null;
  readonly checksum: string | null;
  readonly size: number | null;
  readonly metadata: unknown;
  readonly activity: string | null;
}
export interface NewJob {
  readonly id: string;
  readonly type: JobType;
  readonly submitter: string;
  /** whose turn it is in the queue: the learner for whom the submitter asks */
  readonly user: string;
  readonly priority: number;
  readonly submittedAt: number;
  readonly queueUntil: number | null;
  readonly params: JobParams;
  readonly files: readonly NewFile[];
}

export interface Asked {
  readonly by: string;
  readonly at: number;
  /** `host:port` of the elements that are served; empty: any */
  readonly elements: readonly string[];
}

/** The id under which Rucio asks for its `id_generator: deterministic`; any fixed UUID serves. */
export const BASE_ID = '01874efb-4735-4595-bc9c-591aef8240c9';
export const VO = 'palestra';

/** @throws RangeError with a sentence for the submitter */
export function jobFrom(submission: Submission, asked: Asked): NewJob {
  const { params } = submission;
  const type = typeOf(submission);
  return {
    id: idFor(params),
    type,
    submitter: asked.by,
    user: params.account ?? asked.by,
    priority: priorityGiven(params.priority),
    submittedAt: asked.at,
    queueUntil: queueUntil(params.max_time_in_queue, asked.at),
    params: {
      verify: verifyGiven(params.verify_checksum) satisfies Verify,
      overwrite: params.overwrite === true,
      overwriteHop: params.overwrite_hop === true,
      // FTS3: 0 or nothing is the server's default, -1 is never
      retries: retriesGiven(params.retry),
      retryDelayMs:
        params.retry_delay === null || params.retry_delay === undefined ? null : params.retry_delay * 1000,
      metadata: params.job_metadata ?? {},
    },
    files: submission.files.flatMap((file, index) => filesFrom(file, index, type, asked.elements)),
  };
}

function typeOf({ files, params }: Submission): JobType {
  const several = files.some((file) => file.sources.length > 1);
  if (params.multihop !== true) return several ? 'R' : 'N';
  if (several) throw new RangeError('A job of several hops has one source for each hop.');
  return 'H';
}

function filesFrom(
  file: Submission['files'][number],
  index: number,
  type: JobType,
  elements: readonly string[],
): readonly NewFile[] {
  const destination = file.destinations[0] ?? '';
  return file.sources.map((source, at) => ({
    index,
    state: at > 0 || (type === 'H' && index > 0) ? 'held' : 'waiting',
    source,
    destination,
    sourceElement: knownElement(source, elements),
    destinationElement: knownElement(destination, elements),
    sourceToken: file.source_tokens?.[at] ?? null,
    destinationToken: file.destination_tokens?.[0] ?? null,
    checksum: checksumOf(file.checksum),
    size: file.filesize ?? null,
    metadata: file.metadata ?? null,
    activity: file.activity ?? null,
  }));
}

/** Whoever holds a token for us must not make us ask any address of the network. */
function knownElement(surl: string, elements: readonly string[]): string {
  const element = elementOf(addressOf(surl));
  if (elements.length === 0 || elements.includes(element)) return element;
  throw new RangeError(
    `${element} is none of the elements that this service copies between: ${elements.join(', ')}.`,
  );
}

function checksumOf(text: string | null | undefined): string | null {
  const adler = adlerGiven(text);
  if (adler === null && text !== null && text !== undefined && text !== '')
    throw new RangeError(
      `The checksum ${JSON.stringify(text)} is not of the form ADLER32:1a2b3c4d, which elements answer here.`,
    );
  return adler;
}

export function priorityGiven(priority: number | null | undefined): number {
  return Math.min(5, Math.max(1, priority ?? 3));
}

function retriesGiven(retry: number | null | undefined): number | null {
  if (retry === null || retry === undefined || retry === 0) return null;
  return Math.min(10, Math.max(0, retry));
}

const UNITS: Readonly<Record<string, number>> = { s: 1000, m: 60_000, h: 3_600_000 };

/** FTS3: hours, or a number with s, m or h behind it; 0 or less: no end */
function queueUntil(given: number | string | null | undefined, at: number): number | null {
  const [, amount, unit = 'h'] = /^(\d+)([smh])?$/.exec(String(given ?? '')) ?? [];
  return amount === undefined || Number(amount) === 0 ? null : at + Number(amount) * (UNITS[unit] ?? 0);
}

function idFor(params: Submission['params']): string {
  if (params.id_generator !== 'deterministic' || params.sid === null || params.sid === undefined)
    return randomUUID();
  return uuid5(uuid5(BASE_ID, VO), params.sid);
}

/** RFC 9562, version 5: Rucio computes the same one. */
export function uuid5(namespace: string, name: string): string {
  const bytes = createHash('sha1')
    .update(Buffer.from(namespace.replaceAll('-', ''), 'hex'))
    .update(name)
    .digest()
    .subarray(0, 16);
  bytes[6] = ((bytes[6] ?? 0) & 0x0f) | 0x50;
  bytes[8] = ((bytes[8] ?? 0) & 0x3f) | 0x80;
  const hex = bytes.toString('hex');
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join('-');
}
