/** What the transfer service logged of a learner's files. */
import { z } from 'zod';
import type { Line } from './log.ts';
import { tailOf } from './tail.ts';

const Entry = z.object({
  time: z.string(),
  user: z.string(),
  from: z.string(),
  to: z.string(),
  reason: z.string().nullish(),
  msg: z.string(),
});

export async function transfersOf(
  path: string,
  who: { user: string; since: number },
): Promise<readonly Line[]> {
  const lines = (await tailOf(path)).split('\n').filter((line) => line.includes(`"user":"${who.user}"`));
  return lines
    .flatMap((line) => Entry.safeParse(JSON.parse(line)).data ?? [])
    .map((entry) => ({ time: Date.parse(entry.time), text: textOf(entry) }))
    .filter(({ time }) => time >= who.since);
}

function textOf({ from, to, msg, reason }: z.infer<typeof Entry>): string {
  const [source, destination] = [new URL(from), new URL(to)];
  const why = reason === null || reason === undefined || reason === '' ? '' : `: ${reason}`;
  return `transfer ${source.hostname} → ${destination.hostname} ${destination.pathname} ${msg}${why}`;
}
