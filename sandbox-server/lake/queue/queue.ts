/**
 * The transfer service's queue as its page shows it (`GET /queue.json`, no token: names, users, sites), cut down to
 * this learner. A deployment's FTS3 has no such list; there nothing is said of transfers, and rules tell how far it is.
 */
import { text } from 'node:stream/consumers';
import { z } from 'zod';
import type { Ask } from '../ask.ts';
import { LakeOut, misbehaved } from '../trouble.ts';

const Count = z.number().int().nonnegative();
const FileLine = z.object({
  id: z.union([z.string(), z.number()]).transform(String),
  name: z.string(),
  user: z.string(),
  from: z.string(),
  to: z.string(),
  state: z.enum(['waiting', 'active', 'finished', 'failed', 'canceled']),
  attempt: Count,
  size: Count.nullable(),
  bytes: Count,
  at: z.number(),
  reason: z.string(),
});
const Queue = z.object({ at: z.number(), files: z.array(FileLine) });

/** A file on its way, by the names of hosts. */
export interface Queued {
  readonly id: string;
  readonly name: string;
  readonly from: string;
  readonly to: string;
  readonly state: 'waiting' | 'moving' | 'failed';
  readonly bytes: number | null;
  readonly done: number;
  /** bytes per second since it began to move; null: it does not */
  readonly rate: number | null;
  readonly since: number;
  readonly why: string | null;
}

/** What failed is worth a word for so long, unless the next try is there already. */
const FAILED_FOR_MS = 5 * 60_000;
const WHY_LENGTH = 2000;

/** @returns null: it does not answer, or has no such list; the rest of the lake is true without. Throws the signal's reason. */
export async function queueOf(
  ask: Ask,
  account: string,
  signal: AbortSignal,
): Promise<readonly Queued[] | null> {
  try {
    const answer = await ask({ path: '/queue.json', headers: { accept: 'application/json' } }, signal);
    if (answer.statusCode !== 200) {
      answer.resume();
      return null;
    }
    return queuedIn(await text(answer), account);
  } catch (error) {
    signal.throwIfAborted();
    if (error instanceof LakeOut) return null;
    throw error;
  }
}

/** Pure. @param json what the service said */
export function queuedIn(json: string, account: string): readonly Queued[] {
  const { at, files } = parsed(json);
  const mine = files.filter(({ user }) => user === account);
  const isNewer = (line: z.infer<typeof FileLine>) =>
    mine.some((other) => other.name === line.name && other.to === line.to && other.at > line.at);
  return mine.flatMap((line): Queued[] => {
    const { id, name, from, to, size, bytes, reason } = line;
    const why = reason === '' ? null : reason.slice(0, WHY_LENGTH);
    const common = { id, name, from, to, bytes: size, since: line.at, why };
    switch (line.state) {
      case 'active':
        return [{ ...common, state: 'moving', done: bytes, rate: rateOf(bytes, at - line.at) }];
      case 'waiting':
        return [{ ...common, state: 'waiting', done: 0, rate: null }];
      case 'failed':
        return at - line.at > FAILED_FOR_MS || isNewer(line)
          ? []
          : [{ ...common, state: 'failed', done: bytes, rate: null }];
      case 'finished':
      case 'canceled':
        return [];
    }
  });
}

/** The mean so far: markers come every five seconds, what is between two of them would be a saw. */
function rateOf(bytes: number, ms: number): number | null {
  return bytes === 0 || ms <= 0 ? null : (bytes / ms) * 1000;
}

function parsed(json: string): z.infer<typeof Queue> {
  try {
    return Queue.parse(JSON.parse(json));
  } catch (error) {
    if (error instanceof SyntaxError || error instanceof z.ZodError)
      throw new LakeOut(misbehaved('a queue of transfers that nobody understands'), { cause: error });
    throw error;
  }
}
