/**
 * A storage element of the tests: https, WebDAV, third-party COPY that really fetches (or sends), files in memory.
 * And it misbehaves in each way that an element of the world was seen to: see `Fault`.
 */
import { once } from 'node:events';
import { createServer, type Server } from 'node:https';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createWeb, type Web } from '../copy/web.ts';

export type Fault =
  /** answers this status to this method */
  | { readonly kind: 'status'; readonly method: string; readonly status: number; readonly body?: string }
  /** accepts, and never answers */
  | { readonly kind: 'hang'; readonly method: string }
  /** the answer is no HTTP at all */
  | { readonly kind: 'no-http'; readonly method: string }
  /** 200 with a page instead of what was asked */
  | { readonly kind: 'html'; readonly method: string }
  /** COPY: text that is no marker, no ending */
  | { readonly kind: 'garbage' }
  /** COPY: one marker, then silence for ever */
  | { readonly kind: 'half-stream' }
  /** COPY: markers for ever, the bytes stand still */
  | { readonly kind: 'standstill' }
  /** COPY: the connection is destroyed in the middle of a marker; half the file stays */
  | { readonly kind: 'broken-off' }
  /** COPY: ends properly without success or failure */
  | { readonly kind: 'no-ending' }
  /** COPY: says failure with this text */
  | { readonly kind: 'says-failure'; readonly text: string }
  /** COPY: stores something else than it fetched, and says success */
  | { readonly kind: 'corrupts' }
  /** COPY: says success and keeps nothing */
  | { readonly kind: 'keeps-nothing' }
  /** COPY: ms between pieces of the file, with a marker at each */
  | { readonly kind: 'slow'; readonly ms: number }
  /** COPY: 405 as an element without third-party copies */
  | { readonly kind: 'no-copy' }
  /** sends back the token it was given in its error */
  | { readonly kind: 'echo-token' };

export interface Asked {
  readonly method: string;
  readonly path: string;
  readonly headers: IncomingMessage['headers'];
  readonly at: number;
}
export interface Peer {
  readonly host: string;
  readonly port: number;
  /** `host:port` */
  readonly element: string;
  readonly files: Map<string, Buffer>;
  readonly folders: Set<string>;
  readonly asked: Asked[];
  /** active as destination or source at this moment */
  readonly copying: number;
  /** most at once since the start */
  readonly most: number;
  surl(path: string): string;
  /** The next `times` matching requests misbehave; default: all. */
  misbehave(fault: Fault, times?: number): void;
  behave(): void;
  close(): Promise<void>;
}

export interface PeerOptions {
  readonly host: string;
  readonly cert: string;
  readonly key: string;
  readonly ca: string;
  readonly names: Readonly<Record<string, string>>;
  /** digests in answers; default true */
  readonly checksums?: boolean;
}

export async function startPeer(options: PeerOptions): Promise<Peer> {
  const files = new Map<string, Buffer>();
  const folders = new Set<string>(['/rucio/']);
  const asked: Asked[] = [];
  const faults: { fault: Fault; left: number }[] = [];
  const web = createWeb(options);
  const count = { now: 0, most: 0 };
  const server = createServer({ cert: options.cert, key: options.key }, (request, response) => {
    const path = request.url ?? '';
    asked.push({ method: request.method ?? '', path, headers: request.headers, at: Date.now() });
    answer(request, response, path).catch((error: unknown) => {
      if (!response.headersSent) response.writeHead(500);
      response.end(String(error));
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;

  function faultFor(method: string): Fault | null {
    const found = faults.find(({ fault, left }) => left > 0 && concerns(fault, method));
    if (found === undefined) return null;
    found.left -= 1;
    return found.fault;
  }

  async function answer(request: IncomingMessage, response: ServerResponse, path: string): Promise<void> {
    const method = request.method ?? '';
    if (request.headers.authorization === undefined) return void response.writeHead(403).end('no token');
    const fault = faultFor(method);
    if (fault !== null && (await misbehaved(fault, request, response))) return;
    if (method === 'HEAD') return stat(path, response);
    if (method === 'PROPFIND') return void response.writeHead(folders.has(path) ? 207 : 404).end();
    if (method === 'MKCOL') return makeFolder(path, response);
    if (method === 'GET')
      return void (files.has(path) ? response.end(files.get(path)) : response.writeHead(404).end());
    if (method === 'PUT') return await put(request, response, path);
    if (method === 'DELETE') return void response.writeHead(files.delete(path) ? 200 : 404).end();
    if (method === 'COPY') return await counted(() => copy(request, response, path, fault));
    response.writeHead(501).end();
  }

  async function counted(work: () => Promise<void>): Promise<void> {
    count.now += 1;
    count.most = Math.max(count.most, count.now);
    try {
      await work();
    } finally {
      count.now -= 1;
    }
  }

  function stat(path: string, response: ServerResponse): void {
    const file = files.get(path);
    // XRootD 5.5.3 answers 409 where the digest of a folder is asked
    if (file === undefined) return void response.writeHead(folders.has(path) ? 409 : 404).end();
    const digest = options.checksums === false ? {} : { digest: `adler32=${adlerOf(file)}` };
    response.writeHead(200, { 'content-length': file.length, ...digest }).end();
  }

  function makeFolder(path: string, response: ServerResponse): void {
    if (folders.has(path)) return void response.writeHead(405).end();
    const above = path.replace(/[^/]+\/$/, '');
    if (!folders.has(above)) return void response.writeHead(409).end();
    folders.add(path);
    response.writeHead(201).end();
  }

  async function put(request: IncomingMessage, response: ServerResponse, path: string): Promise<void> {
    const pieces: Buffer[] = [];
    for await (const piece of request as AsyncIterable<Buffer>) pieces.push(piece);
    files.set(path, Buffer.concat(pieces));
    response.writeHead(201).end();
  }

  async function copy(
    request: IncomingMessage,
    response: ServerResponse,
    path: string,
    fault: Fault | null,
  ): Promise<void> {
    const header = (name: string) => String(request.headers[name] ?? '');
    const token = { Authorization: header('transferheaderauthorization') };
    if (header('destination') !== '') {
      await send(web, new URL(header('destination')), token, files.get(path) ?? Buffer.alloc(0));
      return void response.writeHead(201).end('success: Created\n');
    }
    if (!folders.has(path.replace(/[^/]+$/, '')))
      return void response.writeHead(400).end('Unable to create; no such file or directory');
    if (files.has(path) && header('overwrite') === 'F') return void response.writeHead(412).end();
    const body = await fetchBytes(web, new URL(header('source')), token);
    response.writeHead(201, { 'content-type': 'text/plain' });
    if (body === null) return void response.end('failure: Remote side failed with status code 404\n');
    await stream(response, path, body, fault);
  }

  async function stream(
    response: ServerResponse,
    path: string,
    body: Buffer,
    fault: Fault | null,
  ): Promise<void> {
    const half = Math.floor(body.length / 2);
    if (fault?.kind === 'slow') {
      const pieces = 20;
      for (let at = 1; at <= pieces && !response.destroyed; at += 1) {
        const upTo = Math.floor((body.length * at) / pieces);
        files.set(path, body.subarray(0, upTo));
        response.write(marker(upTo));
        await new Promise((done) => setTimeout(done, fault.ms));
      }
      return void response.end('success: Created\n');
    }
    if (
      fault === null ||
      !/garbage|half-stream|standstill|broken-off|no-ending|says-failure|corrupts|keeps-nothing/.test(
        fault.kind,
      )
    ) {
      files.set(path, body);
      return void response.end(`${marker(body.length)}success: Created\n`);
    }
    if (fault.kind === 'keeps-nothing') return void response.end(`${marker(body.length)}success: Created\n`);
    files.set(path, fault.kind === 'corrupts' ? flipped(body) : body.subarray(0, half));
    await lie(response, fault, half);
  }

  return {
    host: options.host,
    port,
    element: `${options.host}:${port}`,
    files,
    folders,
    asked,
    get copying() {
      return count.now;
    },
    get most() {
      return count.most;
    },
    surl: (path) => `davs://${options.host}:${port}${path}`,
    misbehave(fault, times = Infinity) {
      faults.push({ fault, left: times });
    },
    behave: () => void faults.splice(0),
    async close() {
      web.close();
      await closeServer(server);
    },
  };
}

function concerns(fault: Fault, method: string): boolean {
  if ('method' in fault) return fault.method === method;
  return fault.kind === 'echo-token' ? method === 'HEAD' || method === 'COPY' : method === 'COPY';
}

/** @returns whether that was the whole answer */
async function misbehaved(
  fault: Fault,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<boolean> {
  switch (fault.kind) {
    case 'status':
      response.writeHead(fault.status).end(fault.body ?? '');
      return true;
    case 'hang':
      await once(response, 'close');
      return true;
    case 'no-http':
      request.socket.end('\u0000\u0001SSH-2.0-what\r\n\r\n');
      return true;
    case 'html':
      response.writeHead(200, { 'content-type': 'text/html', 'transfer-encoding': 'chunked' });
      response.end('<html><script>alert(1)</script>\u202e\u0007It works!</html>');
      return true;
    case 'no-copy':
      response.writeHead(405).end();
      return true;
    case 'echo-token':
      response
        .writeHead(418)
        .end(
          `refused ${request.headers.authorization} and ${String(request.headers['transferheaderauthorization'])}`,
        );
      return true;
    default:
      return false;
  }
}

async function lie(response: ServerResponse, fault: Fault, half: number): Promise<void> {
  switch (fault.kind) {
    case 'garbage':
      response.end('<?xml version="1.0"?><oops/>\n\u0000\u0001\u0002\nnothing to see\n');
      return;
    case 'half-stream':
      response.write(marker(half));
      await once(response, 'close');
      return;
    case 'standstill': {
      const timer = setInterval(() => response.write(marker(half)), 20);
      await once(response, 'close');
      clearInterval(timer);
      return;
    }
    case 'broken-off':
      response.write(`${marker(half)}Perf Marker\nTimest`);
      await new Promise((done) => setTimeout(done, 20));
      response.destroy();
      return;
    case 'says-failure':
      response.end(`failure: ${fault.text}\n`);
      return;
    case 'no-ending':
      response.end(marker(half));
      return;
    default:
      response.end('success: Created\n');
  }
}

function marker(bytes: number): string {
  return `Perf Marker\n    Timestamp: ${Math.floor(Date.now() / 1000)}\n    Stripe Index: 0\n    Stripe Bytes Transferred: ${bytes}\n    Total Stripe Count: 1\nEnd\n`;
}

/** Adler-32 as zlib's; slow and plain. */
export function adlerOf(bytes: Uint8Array): string {
  let [a, b] = [1, 0];
  for (const byte of bytes) {
    a = (a + byte) % 65_521;
    b = (b + a) % 65_521;
  }
  return (b * 65_536 + a).toString(16).padStart(8, '0');
}

function flipped(body: Buffer): Buffer {
  const copy = Buffer.from(body);
  copy[0] = (copy[0] ?? 0) ^ 0xff;
  return copy;
}

async function fetchBytes(web: Web, url: URL, headers: Record<string, string>): Promise<Buffer | null> {
  const answer = await web.open('GET', url, { headers, patienceMs: 5000 });
  const pieces: Buffer[] = [];
  for await (const piece of answer as AsyncIterable<Buffer>) pieces.push(piece);
  return answer.statusCode === 200 ? Buffer.concat(pieces) : null;
}
async function send(web: Web, url: URL, headers: Record<string, string>, body: Buffer): Promise<void> {
  await web.ask('PUT', url, { headers, body: body.toString('utf8'), patienceMs: 5000 });
}

async function closeServer(server: Server): Promise<void> {
  server.closeAllConnections();
  server.close();
  await once(server, 'close');
}
