/** A thin client of the API server: JSON in, JSON out, each call bounded in time and size, kept connections. */
import http from 'node:http';
import type { IncomingMessage } from 'node:http';
import https from 'node:https';
import { setTimeout as delay } from 'node:timers/promises';
import type { ClusterAccess } from './access.ts';
import { ApiError, errorFrom, isPassing } from './api-error.ts';
import { linesOf } from './lines.ts';

const TIMEOUT = 10_000;
/** a list of 2,000 pods is some 20 MB */
const LONGEST_ANSWER = 256 * 1024 * 1024;
/** tries of one call, the first among them (F10): a storm of refusals must not become one of ours */
const TRIES = 5;
const FIRST_PAUSE = 200;
const LONGEST_PAUSE = 5_000;

export type Query = Readonly<Record<string, string | number | boolean | undefined>>;
export interface Call {
  readonly method: 'GET' | 'POST' | 'PATCH' | 'DELETE';
  readonly path: string;
  readonly query?: Query;
  readonly body?: unknown;
  /** of the body; default JSON */
  readonly type?: 'application/json-patch+json' | 'application/apply-patch+yaml';
  /** ms for one try, until the last byte */
  readonly timeout?: number;
  readonly signal?: AbortSignal;
  /**
   * `passing`: no answer and 5xx are tried again, for what may be done twice. `refused`: only 429, which did nothing.
   * Default by method: GET and DELETE `passing`, others `refused`.
   */
  readonly again?: 'passing' | 'refused';
}

export interface Api {
  /** @returns the answer's JSON. Throws ApiError. */
  call(call: Call): Promise<unknown>;
  /** Each line of an answer that goes on, parsed; ends with the connection. Throws ApiError where it does not begin. */
  stream(call: Omit<Call, 'again' | 'timeout'> & { readonly connectTimeout: number }): AsyncIterable<unknown>;
  close(): void;
}

export function createApi(access: ClusterAccess): Api {
  const begin = async (call: Call): Promise<IncomingMessage> => {
    const url = new URL(access.server + call.path);
    for (const [name, value] of Object.entries(call.query ?? {}))
      if (value !== undefined) url.searchParams.set(name, String(value));
    const body = call.body === undefined ? undefined : Buffer.from(JSON.stringify(call.body));
    const headers = {
      accept: 'application/json',
      ...(body === undefined
        ? {}
        : { 'content-type': call.type ?? 'application/json', 'content-length': body.length }),
      ...(await access.headers()),
    };
    return answerTo(url, { ...call, headers, body, agent: access.agent });
  };

  const once = async (call: Call): Promise<unknown> => {
    const late = AbortSignal.timeout(call.timeout ?? TIMEOUT);
    const signal = call.signal === undefined ? late : AbortSignal.any([late, call.signal]);
    try {
      const answer = await begin({ ...call, signal });
      const text = await read(answer);
      const status = answer.statusCode ?? 0;
      if (status >= 200 && status < 300) return parse(text);
      throw errorFrom(status, parse(text), answer.headers['retry-after']);
    } catch (error) {
      throw error instanceof ApiError ? error : unanswered(call, error);
    }
  };

  const call: Api['call'] = async (asked) => {
    for (let tried = 1; ; tried += 1) {
      try {
        return await once(asked);
      } catch (error) {
        if (tried >= TRIES || !mayRepeat(asked, error)) throw error;
        await delay(
          pause(tried, error),
          undefined,
          asked.signal === undefined ? {} : { signal: asked.signal },
        );
      }
    }
  };

  return {
    call,
    async *stream({ connectTimeout, ...asked }) {
      const late = new AbortController();
      const timer = setTimeout(() => late.abort(new Error('no answer in time')), connectTimeout);
      const signal = asked.signal === undefined ? late.signal : AbortSignal.any([late.signal, asked.signal]);
      let answer: IncomingMessage;
      try {
        answer = await begin({ ...asked, signal });
      } catch (error) {
        throw unanswered(asked, error);
      } finally {
        clearTimeout(timer);
      }
      const status = answer.statusCode ?? 0;
      if (status !== 200) throw errorFrom(status, parse(await read(answer)), answer.headers['retry-after']);
      yield* linesOf(answer);
    },
    close: () => access.close(),
  };
}

/** What ended a request before its answer: the caller, with their own reason, or the way there. */
function unanswered({ signal }: Pick<Call, 'signal'>, error: unknown): unknown {
  if (signal?.aborted === true) return signal.reason;
  return new ApiError(0, '', `The API server did not answer: ${(error as Error).message}`, { cause: error });
}

function mayRepeat({ method, again }: Call, error: unknown): boolean {
  if (!(error instanceof ApiError)) return false;
  const passing = again === undefined ? method === 'GET' || method === 'DELETE' : again === 'passing';
  return passing ? isPassing(error) : error.status === 429;
}

function pause(tried: number, error: unknown): number {
  const asked = error instanceof ApiError && error.retryAfter !== null ? error.retryAfter * 1000 : 0;
  const own = FIRST_PAUSE * 2 ** (tried - 1) * (0.5 + Math.random());
  return Math.min(LONGEST_PAUSE, Math.max(asked, own));
}

interface Sent extends Call {
  readonly headers: Record<string, string | number>;
  readonly agent: https.Agent;
  readonly body: Buffer | undefined;
}
function answerTo(url: URL, { method, headers, body, agent, signal }: Sent): Promise<IncomingMessage> {
  const { promise, resolve, reject } = Promise.withResolvers<IncomingMessage>();
  // plain HTTP is `kubectl proxy` on a loopback, and tests
  const secure = url.protocol === 'https:';
  const request = (secure ? https : http).request(url, {
    method,
    headers,
    ...(secure ? { agent } : {}),
    ...(signal === undefined ? {} : { signal }),
  });
  request.on('response', resolve).on('error', reject).end(body);
  return promise;
}

async function read(answer: IncomingMessage): Promise<string> {
  const parts: Buffer[] = [];
  let length = 0;
  for await (const part of answer as AsyncIterable<Buffer>) {
    length += part.length;
    if (length > LONGEST_ANSWER)
      throw new ApiError(0, '', `The API server's answer is longer than ${LONGEST_ANSWER} bytes.`);
    parts.push(part);
  }
  return Buffer.concat(parts).toString('utf8');
}

/** @returns undefined where it is no JSON: a proxy's page, say */
function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}
