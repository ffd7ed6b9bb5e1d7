/** A client of elements as learners and Rucio are: https, verified against the lake's authority, under its names. */
import { readFileSync } from 'node:fs';
import { request, type Agent } from 'node:https';
import type { ClientRequest, IncomingMessage } from 'node:http';
import type { Readable } from 'node:stream';
import { Buffer } from 'node:buffer';
import type { ElementPlace, LakePlace } from '../../place.ts';

export interface Question {
  readonly token?: string | undefined;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Buffer | Readable;
  readonly agent?: Agent;
}
export interface Reply {
  readonly status: number;
  readonly headers: IncomingMessage['headers'];
  readonly body: Buffer;
  readonly text: string;
}

/** Sends a request without its content: for tests that watch what comes before, or stop halfway. */
export function begin(
  place: LakePlace,
  element: ElementPlace,
  method: string,
  path: string,
  question: Question = {},
): ClientRequest {
  return request({
    ...{ host: '127.0.0.1', port: element.port, servername: element.host, method, path },
    ca: readFileSync(place.authority.ca),
    ...(question.agent === undefined ? { agent: false as const } : { agent: question.agent }),
    headers: {
      Host: `${element.host}:${element.port}`,
      ...(question.token === undefined ? {} : { Authorization: `Bearer ${question.token}` }),
      ...(typeof question.body === 'string' || Buffer.isBuffer(question.body)
        ? { 'Content-Length': String(Buffer.byteLength(question.body)) }
        : {}),
      ...question.headers,
    },
  });
}

/** The whole exchange. @throws where the connection breaks off */
export async function ask(
  place: LakePlace,
  element: ElementPlace,
  method: string,
  path: string,
  question: Question = {},
): Promise<Reply> {
  const out = begin(place, element, method, path, question);
  const reply = replyOf(out);
  const { body } = question;
  if (body === undefined || typeof body === 'string' || Buffer.isBuffer(body)) out.end(body);
  else body.pipe(out);
  return reply;
}

export function replyOf(out: ClientRequest): Promise<Reply> {
  return new Promise((done, fail) => {
    out.once('error', fail);
    out.once('response', (answer) => {
      const parts: Buffer[] = [];
      answer.on('data', (part: Buffer) => parts.push(part));
      answer.once('error', fail);
      answer.once('end', () => {
        const all = Buffer.concat(parts);
        done({ status: answer.statusCode ?? 0, headers: answer.headers, body: all, text: String(all) });
      });
    });
  });
}

export function urlOf(element: ElementPlace, path: string): string {
  return `https://${element.host}:${element.port}${path}`;
}

/** A pull: `to` fetches from `from`, as the transfer service and gfal ask for it. */
export function copy(
  place: LakePlace,
  [from, fromPath]: readonly [ElementPlace, string],
  [to, toPath]: readonly [ElementPlace, string],
  token: string,
  headers: Readonly<Record<string, string>> = {},
): Promise<Reply> {
  return ask(place, to, 'COPY', toPath, {
    token,
    headers: {
      Source: urlOf(from, fromPath),
      TransferHeaderAuthorization: `Bearer ${token}`,
      Credential: 'none',
      ...headers,
    },
  });
}
