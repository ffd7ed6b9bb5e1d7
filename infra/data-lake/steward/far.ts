/** The steward of a lake in another pod, asked over https with the token that its chart made (`for-pods.ts`). */
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import type { IncomingMessage } from 'node:http';
import { request } from 'node:https';
import { text as textOf } from 'node:stream/consumers';
import { z } from 'zod';
import { ErrorCode, Problem } from '../../../sandbox-server/contract/errors.ts';
import { ErrorLine } from '../../../sandbox-server/contract/service.ts';

/** as `steward/client.ts` waits */
const PATIENCE = 60_000;

export const FarSteward = z.object({
  /** name that its certificate is for */
  host: z.string(),
  to: z.object({ host: z.string(), port: z.number().int() }),
  /** file with the token */
  token: z.string(),
});
export type FarSteward = z.infer<typeof FarSteward>;

/** @param ca PEM file. @throws Problem as the steward answered it; `unavailable` where it does not answer */
export async function askFar(
  { host, to, token }: FarSteward,
  ca: string | null,
  path: string,
  body: unknown,
): Promise<unknown> {
  const bearer = (await readFile(token, 'utf8')).trim();
  const authority = ca === null ? {} : { ca: await readFile(ca) };
  const asked = request({
    ...{ host: to.host, port: to.port, servername: host, path, method: 'POST', ...authority },
    headers: { host, authorization: `Bearer ${bearer}` },
    signal: AbortSignal.timeout(PATIENCE),
  });
  asked.end(JSON.stringify(body));
  const answer = once(asked, 'response').catch((cause: unknown) => {
    throw new Problem('unavailable', `The data lake's steward at ${to.host}:${to.port} does not answer.`, {
      cause,
    });
  });
  const [response] = (await answer) as [IncomingMessage];
  return answerOf(response.statusCode ?? 0, await textOf(response));
}

function answerOf(status: number, text: string): unknown {
  if (status === 401) throw new Problem('forbidden', "The data lake's steward does not take our token.");
  const answer: unknown = text === '' ? {} : JSON.parse(text);
  if (status === 200) return answer;
  const { error } = ErrorLine.parse(answer);
  throw new Problem(ErrorCode.catch('internal').parse(error.code), error.message, {
    details: { todo: error.todo },
  });
}
