/**
 * What a learner has in the data lake, as the *Data* tab draws it: elements, datasets and files with their copies,
 * rules, transfers under way. The server reads it from Rucio and the transfer service with the learner's own token.
 *
 * GET /api/labs/:lab/data          LakeData, or a ProblemBody whose `details` is the `LakeTrouble`
 * GET /api/labs/:lab/data/events   SSE of LakeNews: begins with `all` or `trouble`; asks the lake only while it is open
 */
import { z } from 'zod';

/** Rows of one list that cross the wire; beyond them their number. */
export const LAKE_LIMIT = 500;

const Count = z.number().int().nonnegative();
const Name = z.string().max(500);

/** A storage element (RSE) that this learner may use. */
export const LakeElement = z.object({
  name: Name,
  /** short name for a map: `CNAF` */
  site: Name,
  nature: z.enum(['disk', 'tape']),
  /** degrees; null where Rucio was not told */
  longitude: z.number().nullable(),
  latitude: z.number().nullable(),
  /** the learner's files that lie here whole, and their bytes */
  files: Count,
  bytes: Count,
  /** bytes as Rucio counts them (seconds behind) and their bound (null: none); null: nothing is granted here */
  quota: z.object({ used: Count, limit: Count.nullable() }).nullable(),
  /** Rucio takes new data here now */
  writable: z.boolean(),
});
export type LakeElement = z.infer<typeof LakeElement>;

/** `here` can be read; `away` exists and cannot be read now; `bad` failed its checksum; `leaving` is being deleted. */
export const CopyState = z.enum(['here', 'copying', 'away', 'bad', 'leaving']);
export type CopyState = z.infer<typeof CopyState>;
export const LakeCopy = z.object({
  element: Name,
  state: CopyState,
  /** files whole at this element, of those that should be: 1 of 1 for a file */
  have: Count,
  of: Count,
});
export type LakeCopy = z.infer<typeof LakeCopy>;

export const LakeDid = z.object({
  scope: Name,
  name: Name,
  kind: z.enum(['file', 'dataset', 'container']),
  bytes: Count.nullable(),
  /** files in a dataset; null: a file, or not known */
  files: Count.nullable(),
  /** names of the learner's datasets that hold it */
  datasets: z.array(Name),
  copies: z.array(LakeCopy),
});
export type LakeDid = z.infer<typeof LakeDid>;

export const RuleState = z.enum(['ok', 'replicating', 'stuck', 'suspended', 'waiting-approval', 'inject']);
export type RuleState = z.infer<typeof RuleState>;
export const LakeRule = z.object({
  id: z.string().max(64),
  scope: Name,
  name: Name,
  /** RSE expression: where copies may be */
  expression: Name,
  copies: Count,
  state: RuleState,
  /** locks: file copies that are there, on their way, and given up for now */
  ok: Count,
  replicating: Count,
  stuck: Count,
  /** ms since the epoch; null: never */
  expiresAt: z.number().nullable(),
  createdAt: z.number(),
  updatedAt: z.number(),
  /** Rucio's own words; null: none */
  error: z.string().max(2000).nullable(),
});
export type LakeRule = z.infer<typeof LakeRule>;

export const LakeTransfer = z.object({
  id: z.string().max(120),
  scope: Name,
  name: Name,
  /** RSE names where the hosts are known, else host names */
  from: Name,
  to: Name,
  state: z.enum(['waiting', 'moving', 'failed']),
  bytes: Count.nullable(),
  done: Count.nullable(),
  /** bytes per second, now; null: not measured */
  rate: z.number().nonnegative().nullable(),
  /** ms since the epoch */
  since: z.number(),
  /** why the last try failed; null: it did not */
  why: z.string().max(2000).nullable(),
});
export type LakeTransfer = z.infer<typeof LakeTransfer>;

export const LakeData = z.object({
  account: Name,
  /** the scope that is theirs to write: `user.ada` */
  scope: Name,
  elements: z.array(LakeElement).max(LAKE_LIMIT),
  dids: z.array(LakeDid).max(LAKE_LIMIT),
  moreDids: Count,
  rules: z.array(LakeRule).max(LAKE_LIMIT),
  moreRules: Count,
  /** null: the transfer service does not answer, the rest is true */
  transfers: z.array(LakeTransfer).max(LAKE_LIMIT).nullable(),
  moreTransfers: Count,
  /** the lake held more than could be counted: the `more` numbers are at least so many */
  atLeast: z.boolean(),
});
export type LakeData = z.infer<typeof LakeData>;

/** Why nothing can be shown, as a sentence, and a way on. */
export const LakeTrouble = z.object({
  reason: z.enum([
    'none-here', // this platform has no lake
    'starting', // it comes up now
    'down', // it does not answer
    'refused', // it refuses the learner's token
    'not-admitted', // it does not know this learner
    'sign-in-again', // the provider no longer renews
    'misbehaved', // it answered what nobody understands
  ]),
  message: z.string().max(2000),
  todo: z.string().max(2000),
});
export type LakeTrouble = z.infer<typeof LakeTrouble>;

export const LakeNews = z.discriminatedUnion('type', [
  z.object({ type: z.literal('all'), data: LakeData }),
  /** the parts that are another than before */
  z.object({ type: z.literal('changed'), parts: LakeData.partial() }),
  z.object({ type: z.literal('trouble'), trouble: LakeTrouble }),
  /** the server is about to stop: reconnect, do not give up */
  z.object({ type: z.literal('restarting') }),
]);
export type LakeNews = z.infer<typeof LakeNews>;
