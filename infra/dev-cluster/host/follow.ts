/** Commands on the machine ask the box at its door. */
import { request } from 'node:http';
import { createInterface } from 'node:readline';
import type { IncomingMessage } from 'node:http';
import { z } from 'zod';
import { Problem } from '../../../sandbox-server/contract/errors.ts';
import { StageLine } from '../../../sandbox-server/contract/service.ts';
import type { ClusterPlace } from '../place.ts';

const Over = z.object({ over: z.literal(true), failure: z.string().nullable() });
const Line = z.union([StageLine, Over]);
const Parts = z.object({
  revision: z.string(),
  parts: z.array(
    z.object({
      name: z.string(),
      pid: z.number().nullable(),
      ready: z.boolean(),
      restarts: z.number(),
      lastEnd: z.string().nullable(),
      memory: z.number(),
    }),
  ),
  others: z.array(z.object({ name: z.string(), count: z.number(), memory: z.number() })),
});
export type Parts = z.infer<typeof Parts>;

/** Says each stage from the box's start on, also those that are over. @throws Problem `unavailable` where it failed */
export async function followStart(
  place: ClusterPlace,
  say: (line: StageLine) => void,
  signal: AbortSignal,
): Promise<void> {
  const answer = await ask(place, 'GET', '/start', signal);
  for await (const text of createInterface({ input: answer })) {
    const line = Line.parse(JSON.parse(text));
    if ('stage' in line) say(line);
    else if (line.failure === null) return;
    else throw new Problem('unavailable', `The cluster did not start: ${line.failure}.`);
  }
  throw new Problem(
    'unavailable',
    `The box ended while it started: read ${place.folders.log}/supervisor.log.`,
  );
}

/** @returns null where nobody is at the door */
export async function askParts(place: ClusterPlace): Promise<Parts | null> {
  try {
    const answer = await ask(place, 'GET', '/parts', AbortSignal.timeout(10_000));
    let body = '';
    for await (const text of answer.setEncoding('utf8')) body += String(text);
    return Parts.parse(JSON.parse(body));
  } catch (error) {
    if (isNobody(error)) return null;
    throw error;
  }
}

export function isNobody(error: unknown): boolean {
  return ['ENOENT', 'ECONNREFUSED'].includes((error as NodeJS.ErrnoException).code ?? '');
}

function ask(
  place: ClusterPlace,
  method: string,
  path: string,
  signal: AbortSignal,
): Promise<IncomingMessage> {
  return new Promise((done, fail) => {
    const sent = request({ socketPath: place.supervisorSocket, method, path, signal }, done);
    sent.once('error', fail);
    sent.end();
  });
}
