/**
 * An API server in so far as faults need one that obeys: answers of 410, 429 and 422 on demand, silence, answers lost
 * after the work was done. Whatever a real server can be made to show is shown on a real one (`*.stack.test.ts`).
 */
import { once } from 'node:events';
import http from 'node:http';
import type { IncomingMessage, ServerResponse } from 'node:http';
import https from 'node:https';
import type { AddressInfo } from 'node:net';
import type { ClusterAccess } from '../api/access.ts';
import type { PatchOperation } from '../objects/claim-patch.ts';

export type Json = Record<string, unknown>;
/** `work`: as a server does; `lose`: the work is done and the answer cut; `hang`: nothing comes, ever */
export type Spoil =
  | 'work'
  | 'lose'
  | 'hang'
  | { readonly status: number; readonly reason?: string; readonly retryAfter?: number };
export interface Request {
  readonly method: string;
  readonly path: string;
  readonly query: URLSearchParams;
}

export interface ApiDouble extends AsyncDisposable {
  readonly access: ClusterAccess;
  /** what becomes of each request; default: all work */
  spoil: (request: Request) => Spoil;
  readonly requests: Request[];
  /** puts a pod there (or a changed one) and tells the watches, unless they are to miss it */
  put(pod: Json, how?: { readonly silently: boolean }): void;
  remove(name: string, how?: { readonly silently: boolean }): void;
  get(name: string): Json | undefined;
  /** to every watch that is open; text as it is */
  say(event: Json | string): void;
  /** how many watches are open */
  readonly watches: number;
  /** ends every connection, and takes none until `rise` */
  fall(): Promise<void>;
  rise(): Promise<void>;
}

export async function apiDouble(): Promise<ApiDouble> {
  const pods = new Map<string, Json>();
  const watches = new Set<ServerResponse>();
  let revision = 100;
  const server = http.createServer((request, response) => void serve(request, response));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;

  const metadataOf = (pod: Json): Json => pod['metadata'] as Json;
  const write = (
    response: ServerResponse,
    status: number,
    body: Json,
    headers: http.OutgoingHttpHeaders = {},
  ): void => {
    response.writeHead(status, { 'content-type': 'application/json', ...headers });
    response.end(JSON.stringify(body));
  };
  const say = (event: Json | string): void => {
    for (const watch of watches)
      watch.write(`${typeof event === 'string' ? event : JSON.stringify(event)}\n`);
  };
  const store = (pod: Json, silently: boolean): Json => {
    const metadata = metadataOf(pod);
    const name = String(metadata['name']);
    const next = { ...pod, metadata: { ...metadata, resourceVersion: String((revision += 1)) } };
    const type = pods.has(name) ? 'MODIFIED' : 'ADDED';
    pods.set(name, next);
    if (!silently) say({ type, object: next });
    return next;
  };
  const take = (name: string, silently: boolean): void => {
    const pod = pods.get(name);
    if (pod === undefined) return;
    pods.delete(name);
    const gone = { ...pod, metadata: { ...metadataOf(pod), resourceVersion: String((revision += 1)) } };
    if (!silently) say({ type: 'DELETED', object: gone });
  };
  const status = (code: number, reason: string): Json => ({
    kind: 'Status',
    status: 'Failure',
    code,
    reason,
    message: reason,
  });

  const work = (asked: Request, body: unknown, response: ServerResponse, lose: boolean): void => {
    const done = (code: number, value: Json): void =>
      lose ? void response.destroy() : write(response, code, value);
    const name = /\/pods\/([^/]+)$/.exec(asked.path)?.[1];
    if (asked.query.has('watch')) return watch(response);
    if (asked.method === 'GET' && name === undefined)
      return done(200, {
        kind: 'PodList',
        metadata: { resourceVersion: String(revision) },
        items: [...pods.values()],
      });
    const pod = name === undefined ? undefined : pods.get(name);
    if (name !== undefined && pod === undefined) return done(404, status(404, 'NotFound'));
    if (asked.method === 'PATCH' && pod !== undefined) {
      const patched = patchedBy(pod, body as readonly PatchOperation[]);
      return patched === null ? done(422, status(422, 'Invalid')) : done(200, store(patched, false));
    }
    if (asked.method === 'DELETE' && name !== undefined) take(name, false);
    return done(200, pod ?? {});
  };
  const watch = (response: ServerResponse): void => {
    response.writeHead(200, { 'content-type': 'application/json' });
    response.flushHeaders();
    watches.add(response);
    response.on('close', () => watches.delete(response));
  };
  const serve = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const url = new URL(request.url ?? '', 'http://api');
    const asked = { method: request.method ?? '', path: url.pathname, query: url.searchParams };
    double.requests.push(asked);
    let text = '';
    for await (const part of request) text += String(part);
    const spoilt = double.spoil(asked);
    if (spoilt === 'hang')
      return asked.query.has('watch') ? void response.writeHead(200).flushHeaders() : undefined;
    if (typeof spoilt === 'object')
      return write(
        response,
        spoilt.status,
        status(spoilt.status, spoilt.reason ?? ''),
        spoilt.retryAfter === undefined ? {} : { 'retry-after': String(spoilt.retryAfter) },
      );
    work(asked, text === '' ? undefined : JSON.parse(text), response, spoilt === 'lose');
  };

  const double: ApiDouble = {
    access: {
      server: `http://127.0.0.1:${port}`,
      agent: new https.Agent(),
      headers: () => Promise.resolve({}),
      close: () => undefined,
    },
    spoil: () => 'work',
    requests: [],
    put: (pod, how) => void store(pod, how?.silently === true),
    remove: (name, how) => take(name, how?.silently === true),
    get: (name) => pods.get(name),
    say,
    get watches() {
      return watches.size;
    },
    async fall() {
      const closed = once(server, 'close');
      server.close();
      server.closeAllConnections();
      await closed;
    },
    async rise() {
      server.listen(port, '127.0.0.1');
      await once(server, 'listening');
    },
    async [Symbol.asyncDispose]() {
      if (server.listening) await double.fall();
    },
  };
  return double;
}

/** JSON patch in so far as claims use it. @returns null where a test does not hold */
function patchedBy(pod: Json, operations: readonly PatchOperation[]): Json | null {
  const copy = structuredClone(pod);
  for (const { op, path, value } of operations) {
    const parts = path
      .split('/')
      .slice(1)
      .map((part) => part.replaceAll('~1', '/').replaceAll('~0', '~'));
    const last = parts.pop() ?? '';
    const parent = parts.reduce<Json | undefined>((at, part) => at?.[part] as Json | undefined, copy);
    if (parent === undefined) return null;
    if (op === 'test' && (parent[last] ?? null) !== value) return null;
    if ((op === 'remove' || op === 'replace') && !(last in parent)) return null;
    if (op === 'remove') delete parent[last];
    if (op === 'add' || op === 'replace') parent[last] = value;
  }
  return copy;
}

/** A pod as the API server tells it. */
export function podObject(
  name: string,
  how: { lab?: string; warm?: boolean; controlled?: boolean; ready?: boolean } = {},
): Json {
  const { lab, warm = lab === undefined, controlled = warm, ready = true } = how;
  return {
    metadata: {
      name,
      uid: `uid-${name}`,
      creationTimestamp: '2026-11-24T18:00:00Z',
      labels: {
        app: warm ? 'warm' : 'claimed',
        'palestra.dev/kit': 'base',
        'palestra.dev/version': '00000000',
        'pod-template-hash': 'x',
        ...(lab === undefined ? {} : { 'palestra.dev/lab': lab }),
      },
      annotations: { 'palestra.dev/image': 'i', ...(lab === undefined ? {} : { 'palestra.dev/pin': 'p' }) },
      ...(controlled ? { ownerReferences: [{ kind: 'ReplicaSet', controller: true }] } : {}),
    },
    spec: {},
    status: {
      phase: 'Running',
      podIP: '10.0.0.1',
      startTime: '2026-11-24T18:00:01Z',
      conditions: [{ type: 'Ready', status: ready ? 'True' : 'False' }],
      containerStatuses: [{ restartCount: 0, state: { running: {} } }],
    },
  };
}
