/** What Rucio was asked by a learner, from the log that our wrapper writes. */
import { open } from 'node:fs/promises';
import { z } from 'zod';

const Line = z.object({
  time: z.number(),
  account: z.string(),
  method: z.string(),
  path: z.string(),
  status: z.number(),
  message: z.string().default(''),
  reason: z.string().default(''),
  subject: z.string().default(''),
});
export interface LoggedRequest {
  /** ms since the epoch */
  readonly time: number;
  readonly method: string;
  readonly path: string;
  readonly status: number;
  /** why it was refused; empty where it was not */
  readonly why: string;
}

/** the log's end is enough: some ten thousand requests */
const TAIL = 2_000_000;

/** @param subject of their tokens: a refused token has no account */
export async function requestsOf(
  path: string,
  who: { user: string; subject: string | null; since: number },
): Promise<readonly LoggedRequest[]> {
  const lines = (await tailOf(path)).split('\n').filter((line) => line.endsWith('}'));
  return lines
    .map((line) => Line.parse(JSON.parse(line)))
    .filter((one) => one.time >= who.since)
    .filter((one) =>
      one.account === '' ? who.subject !== null && one.subject === who.subject : one.account === who.user,
    )
    .map(({ time, method, path, status, message, reason }) => ({
      time,
      method,
      path,
      status,
      why: reason || message,
    }));
}

async function tailOf(path: string): Promise<string> {
  await using file = await open(path, 'r');
  const { size } = await file.stat();
  const from = Math.max(0, size - TAIL);
  const { buffer, bytesRead } = await file.read(Buffer.alloc(size - from), 0, size - from, from);
  const text = buffer.subarray(0, bytesRead).toString('utf8');
  // the first line is cut where we began in its middle
  return from === 0 ? text : text.slice(text.indexOf('\n') + 1);
}
