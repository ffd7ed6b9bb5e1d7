/** A service's steward: the same answers as its command, over a unix socket and without a process each time. */
import http from 'node:http';
import { connect } from 'node:net';
import type { IncomingMessage } from 'node:http';
import { Problem } from '../contract/errors.ts';
import { ErrorLine } from '../contract/service.ts';
import { printable } from '../telemetry/index.ts';
import { objectIn } from './lines.ts';

const LONGEST = 256 * 1024;

export interface StewardQuestion {
  readonly socket: string;
  readonly path: '/admit' | '/dismiss' | '/verb';
  readonly body: unknown;
  /** ms in all */
  readonly patience: number;
  readonly signal?: AbortSignal | undefined;
}

/**
 * @returns its answer; `nobody` where no steward listens, so that the command is asked instead
 * @throws Problem `unavailable` with what it said
 */
export async function askSteward(
  title: string,
  question: StewardQuestion,
): Promise<Record<string, unknown> | 'nobody'> {
  const late = AbortSignal.timeout(question.patience);
  const signal = question.signal === undefined ? late : AbortSignal.any([late, question.signal]);
  let answer: IncomingMessage;
  try {
    answer = await post(question, signal);
  } catch (error) {
    question.signal?.throwIfAborted();
    const code = (error as NodeJS.ErrnoException).code ?? '';
    if (['ENOENT', 'ECONNREFUSED'].includes(code)) return 'nobody';
    throw new Problem(
      'unavailable',
      `${title} did not answer. Try again; if it stays so, tell the operator.`,
      {
        cause: error,
      },
    );
  }
  const text = await bounded(answer, title);
  const said = objectIn(text) ?? {};
  if (answer.statusCode === 200 || answer.statusCode === 204) return said;
  const fault = ErrorLine.safeParse(said).data?.error;
  const { code = 'failed', message = `it answered ${answer.statusCode}`, todo = '' } = fault ?? {};
  throw new Problem('unavailable', printable(`${title}: ${message} ${todo}`.trim(), 1_500), {
    details: { code, message, todo },
  });
}

function post({ socket, path, body }: StewardQuestion, signal: AbortSignal): Promise<IncomingMessage> {
  const { promise, resolve, reject } = Promise.withResolvers<IncomingMessage>();
  const text = Buffer.from(JSON.stringify(body));
  const headers = { 'content-type': 'application/json', 'content-length': text.length, host: 'steward' };
  const asked = http.request({ socketPath: socket, method: 'POST', path, headers, agent: false, signal });
  asked.on('response', resolve);
  asked.on('error', reject);
  asked.end(text);
  return promise;
}

async function bounded(answer: IncomingMessage, title: string): Promise<string> {
  const parts: Buffer[] = [];
  let length = 0;
  try {
    for await (const part of answer as AsyncIterable<Buffer>) {
      length += part.length;
      if (length > LONGEST) throw new Problem('unavailable', `${title} gave an answer without end.`);
      parts.push(part);
    }
  } catch (error) {
    if (error instanceof Problem) throw error;
    throw new Problem('unavailable', `${title} broke off its answer. Try again.`, { cause: error });
  }
  return Buffer.concat(parts).toString('utf8');
}

/** @returns whether somebody takes connections on this socket */
export function listens(socket: string): Promise<boolean> {
  const { promise, resolve } = Promise.withResolvers<boolean>();
  const looking = connect(socket);
  looking.once('connect', () => resolve(true));
  // whatever is wrong with it, nobody is to be asked there
  looking.once('error', () => resolve(false));
  return promise.finally(() => looking.destroy());
}
