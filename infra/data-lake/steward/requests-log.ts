/** What Rucio was asked by a learner, from the log that our wrapper writes. */
import { z } from 'zod';
import type { Line } from './log.ts';
import { tailOf } from './tail.ts';

const Request = z.object({
  time: z.number(),
  account: z.string(),
  method: z.string(),
  path: z.string(),
  status: z.number(),
  message: z.string().default(''),
  reason: z.string().default(''),
  subject: z.string().default(''),
});

/** @param subject of their tokens: a request whose token was refused has no account */
export async function requestsOf(
  path: string,
  who: { user: string; subject: string | null; since: number },
): Promise<readonly Line[]> {
  const lines = (await tailOf(path)).split('\n').filter((line) => line !== '');
  return lines
    .map((line) => Request.parse(JSON.parse(line)))
    .filter((one) => one.time >= who.since && isTheirs(one, who))
    .map((one) => ({ time: one.time, text: textOf(one) }));
}

function isTheirs(
  one: z.infer<typeof Request>,
  { user, subject }: { user: string; subject: string | null },
): boolean {
  return one.account === '' ? subject !== null && one.subject === subject : one.account === user;
}

function textOf({ method, path, status, reason, message }: z.infer<typeof Request>): string {
  const why = reason === '' ? message : `the token was refused: ${reason}`;
  return `rucio ${method} ${path} ${status}${why === '' ? '' : `: ${why}`}`;
}
