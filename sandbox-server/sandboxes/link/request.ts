/**
 * One HTTP request to an agent and its bounded answer. Whatever comes back is the learner's to forge: nothing is read
 * past its bound, nothing is waited for past its time, and every way to misbehave ends in a `Problem` (T77).
 */
import http from 'node:http';
import type { IncomingMessage } from 'node:http';
import type { Readable } from 'node:stream';
import { z } from 'zod';
import { Problem, ProblemBody } from '../../contract/errors.ts';
import type { AgentAddress } from '../driver.ts';
import { connector } from './dial.ts';
import { kept } from './kept.ts';
import { asProblem, misbehaved, timedOut } from './problems.ts';

/** the longest head of an answer, bytes */
const HEAD = 8 * 1024;
const DEFAULT_TIMEOUT = 10_000;
const DEFAULT_BOUND = 1024 * 1024;

export interface Question {
  readonly method: 'GET' | 'POST' | 'PUT' | 'DELETE';
  readonly path: string;
  readonly authorization: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: Readable | Buffer;
  /** ms in all, until the last byte of the answer */
  readonly timeout?: number;
  readonly signal?: AbortSignal;
}

/** The head of a good (2xx) answer; its body must be consumed or destroyed. Anything else is thrown as a Problem. */
export async function ask(address: AgentAddress, question: Question): Promise<IncomingMessage> {
  const answer = await head(address, question);
  const status = answer.statusCode ?? 0;
  if (status >= 200 && status < 300) return answer;
  throw await problemFrom(answer, status);
}

/** A good answer's JSON by the contract's schema. */
export async function askFor<T>(
  schema: z.ZodType<T>,
  address: AgentAddress,
  question: Question,
  bound = DEFAULT_BOUND,
): Promise<T> {
  return within(question, async (timed) => parse(schema, await read(await ask(address, timed), bound)));
}

/** A good answer without a body that matters. */
export async function askNothing(address: AgentAddress, question: Question): Promise<void> {
  await within(question, async (timed) => void (await read(await ask(address, timed), DEFAULT_BOUND)));
}

/** One deadline over request, head and body: the question's own signal, or the time it may take. */
async function within<T>(question: Question, act: (timed: Question) => Promise<T>): Promise<T> {
  const late = AbortSignal.timeout(question.timeout ?? DEFAULT_TIMEOUT);
  const signal = question.signal === undefined ? late : AbortSignal.any([late, question.signal]);
  try {
    return await act({ ...question, signal });
  } catch (error) {
    throw late.aborted && !(error instanceof Problem) ? timedOut(error) : asProblem(error);
  }
}

function head(address: AgentAddress, question: Question): Promise<IncomingMessage> {
  const { promise, resolve, reject } = Promise.withResolvers<IncomingMessage>();
  const { method, path, body } = question;
  const request = http.request({
    ...(address.kind === 'tls' ? { agent: kept, address } : { createConnection: connector(address) }),
    method,
    path,
    maxHeaderSize: HEAD,
    headers: {
      host: 'agent',
      authorization: question.authorization,
      ...(address.kind === 'tls' ? {} : { connection: 'close' }),
      ...lengthOf(body),
      ...question.headers,
    },
    ...(question.signal === undefined ? {} : { signal: question.signal }),
  });
  request.on('response', resolve);
  request.on('upgrade', (_, socket) => {
    socket.destroy();
    reject(misbehaved('it changed protocols unasked'));
  });
  request.on('error', (error) => reject(asProblem(error)));
  send(request, body);
  return promise;
}

function lengthOf(body: Question['body']): Record<string, string> {
  return Buffer.isBuffer(body) ? { 'content-length': String(body.length) } : {};
}

/** A refused upload answers before all of it was sent: that answer counts, not the broken pipe. */
function send(request: http.ClientRequest, body: Question['body']): void {
  if (body === undefined || Buffer.isBuffer(body)) return void request.end(body);
  body.on('error', (error) => request.destroy(error));
  request.on('close', () => body.destroy());
  body.pipe(request);
}

async function read(answer: IncomingMessage, bound: number): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of answer as AsyncIterable<Buffer>) {
    length += chunk.length;
    if (length > bound) throw misbehaved(`its answer is longer than ${bound} bytes`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

function parse<T>(schema: z.ZodType<T>, body: Buffer): T {
  const parsed = schema.safeParse(parseJson(body));
  if (!parsed.success) throw misbehaved('its answer does not fit the contract', parsed.error);
  return parsed.data;
}

export function parseJson(body: Buffer): unknown {
  try {
    return JSON.parse(body.toString('utf8'));
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}

/** The agent's own refusal, if it is one; a refused ticket is told apart by its code `not-signed-in`. */
async function problemFrom(answer: IncomingMessage, status: number): Promise<Problem> {
  const parsed = ProblemBody.safeParse(parseJson(await read(answer, 64 * 1024)));
  if (!parsed.success) return misbehaved(`it answered ${status} without a reason`);
  const { code, message, details } = parsed.data;
  return new Problem(code, message, details === undefined ? {} : { details });
}
