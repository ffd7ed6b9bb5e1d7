/** One https question to a server of this lake: by its name's certificate, wherever that name resolves to. */
import { readFile } from 'node:fs/promises';
import { request, type Agent } from 'node:https';
import type { Endpoint, LakePlace } from './place.ts';

export interface Question {
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Buffer;
  /** default 3 s: a health check must not hang */
  readonly ms?: number;
  readonly agent?: Agent;
}
export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>;
  readonly body: string;
}

/** @throws Error (ECONNREFUSED, certificate, timeout) where nobody answers as `endpoint.host` */
export async function ask(
  place: LakePlace,
  endpoint: Endpoint,
  path: string,
  question: Question = {},
): Promise<Answer> {
  const ca = await readFile(place.authority.ca);
  const { method = 'GET', headers = {}, body, ms = 3_000, agent } = question;
  // Node gives a body of DELETE neither a length nor chunks: the server would read it as the next request
  const length = body === undefined ? {} : { 'content-length': String(Buffer.byteLength(body)) };
  return new Promise((done, fail) => {
    const asked = request(
      {
        host: '127.0.0.1',
        servername: endpoint.host,
        port: endpoint.port,
        path,
        method,
        headers: { host: `${endpoint.host}:${endpoint.port}`, ...length, ...headers },
        ca,
        timeout: ms,
        ...(agent === undefined ? {} : { agent }),
      },
      (response) => {
        const parts: Buffer[] = [];
        response.on('data', (part: Buffer) => parts.push(part));
        response.once('error', fail);
        response.once('end', () =>
          done({
            status: response.statusCode ?? 0,
            headers: response.headers,
            body: Buffer.concat(parts).toString('utf8'),
          }),
        );
      },
    );
    asked.once('timeout', () =>
      asked.destroy(new Error(`${endpoint.host}:${endpoint.port} did not answer within ${ms / 1000} s`)),
    );
    asked.once('error', fail);
    asked.end(body);
  });
}
