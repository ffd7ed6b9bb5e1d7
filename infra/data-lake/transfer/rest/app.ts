/** The HTTP entry: FTS3's interface for Rucio, the page of the queue for people. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import fastify, { type FastifyBaseLogger, type FastifyError, type FastifyInstance } from 'fastify';
import type { Server } from 'node:https';
import type { Log } from '../../../../sandbox-server/telemetry/index.ts';
import { pageRoutes } from '../page/routes.ts';
import type { Queue } from '../queue/queue.ts';
import type { Records } from '../records/records.ts';
import { Refusal, type Access, type Bearer } from './access.ts';
import { elementRoutes } from './elements.ts';
import { jobRoutes } from './jobs.ts';
import type { Snapshots } from '../page/snapshot.ts';

export interface Rooms {
  readonly queue: Queue;
  readonly records: Records;
  readonly access: Access;
  readonly snapshots: Snapshots;
  /** `host:port` of the elements that are served; empty: any */
  readonly elements: readonly string[];
  readonly now: () => number;
  readonly log: Log;
}
export type App = FastifyInstance<Server, IncomingMessage, ServerResponse, FastifyBaseLogger>;

declare module 'fastify' {
  interface FastifyRequest {
    /** whose token the request bears; absent on the page's routes, which need none */
    bearer?: Bearer;
  }
}

const MOST_HEADER = 128 * 1024;
/** 2,000 files with two tokens of 2 kB each */
const BODY_LIMIT = 16 * 1024 * 1024;

export function createApp(rooms: Rooms, tls: { readonly key: string; readonly cert: string }): App {
  const app = fastify({
    // a question for a thousand jobs is 37 kB of ids; Node's 16 kB end at 430
    https: { ...tls, maxHeaderSize: MOST_HEADER },
    bodyLimit: BODY_LIMIT,
    routerOptions: { maxParamLength: 200_000 },
    requestTimeout: 60_000,
    exposeHeadRoutes: false,
  });
  app.removeAllContentTypeParsers();
  // Rucio's DELETE says JSON and sends nothing
  app.addContentTypeParser('application/json', { parseAs: 'string' }, (_request, body, done) => {
    done(null, body === '' ? undefined : body);
  });
  app.addHook('onSend', async (_request, reply) => {
    reply.header('x-content-type-options', 'nosniff').header('referrer-policy', 'no-referrer');
    if (!reply.hasHeader('cache-control')) reply.header('cache-control', 'no-store');
  });
  app.addHook('onResponse', async (request, reply) => {
    // page and health questions come every second
    const level = request.bearer === undefined && reply.statusCode < 400 ? 'debug' : 'info';
    rooms.log[level](
      {
        method: request.method,
        path: request.url.slice(0, 300),
        status: reply.statusCode,
        ms: Math.round(reply.elapsedTime),
      },
      'asked',
    );
  });
  app.setErrorHandler((error: FastifyError | Refusal | Error, _request, reply) => {
    const { status, message } = told(error, rooms.log);
    return reply.code(status).send({ status: statusLine(status), message });
  });
  app.setNotFoundHandler((request, reply) =>
    reply
      .code(404)
      .send({ status: statusLine(404), message: `There is nothing at ${request.url.slice(0, 200)}` }),
  );
  pageRoutes(app, rooms);
  void app.register((scope, _options, done) => {
    scope.addHook('onRequest', async (request) => {
      request.bearer = await rooms.access.admit(request.headers.authorization);
    });
    jobRoutes(scope as App, rooms);
    elementRoutes(scope as App, rooms);
    done();
  });
  return app;
}

/** What a client may know; the rest stands in the log. */
function told(error: FastifyError | Refusal | Error, log: Log): { status: number; message: string } {
  if (error instanceof Refusal) {
    if (error.status >= 500) log.warn({ err: error.cause }, error.message);
    return { status: error.status, message: error.message };
  }
  // Fastify's own errors are RangeErrors at times: their status goes before
  const status = 'statusCode' in error ? (error.statusCode ?? 500) : error instanceof RangeError ? 400 : 500;
  if (status < 500) return { status, message: error.message };
  log.error({ err: error }, 'a request failed');
  return { status: 500, message: 'The transfer service failed; its log says why.' };
}

const WORDS: Readonly<Record<number, string>> = {
  400: 'Bad Request',
  401: 'Unauthorized',
  403: 'Forbidden',
  404: 'Not Found',
  409: 'Conflict',
  413: 'Payload Too Large',
  415: 'Unsupported Media Type',
  500: 'Internal Server Error',
  503: 'Service Unavailable',
};
function statusLine(status: number): string {
  return `${status} ${WORDS[status] ?? 'Error'}`;
}

/** @throws Refusal 401 on a route that was forgotten behind the door */
export function bearerOf(request: { bearer?: Bearer }): Bearer {
  if (request.bearer === undefined) throw new Refusal(401, 'A bearer token is needed.');
  return request.bearer;
}
