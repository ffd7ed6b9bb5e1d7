/**
 * Services for a sandbox that cannot reach them itself: the server connects for it, to what it was lent and nothing
 * else. HTTP/2 over the pinned connection to the agent, which is the client; what it asks is the learner's to forge.
 */
import http2 from 'node:http2';
import { connect, type Socket } from 'node:net';
import type { Duplex } from 'node:stream';

export interface Target {
  readonly host: string;
  readonly port: number;
}
/** @returns where `host:port` goes; undefined where it is not lent (any more) */
export type TargetOf = (authority: string) => Target | undefined;

/** as many as the agent opens at once to one endpoint, for a few endpoints */
const AT_ONCE = 512;
/** room for the windows (64 KiB) of 128 connections, so that a slow one does not hold up the others */
const WINDOW = 8 * 1024 * 1024;
/** what one sandbox may make the server keep, MB */
const MEMORY = 16;

/** @returns once the connection is over, however it ended */
export async function serveTunnel(connection: Duplex, targetOf: TargetOf): Promise<void> {
  const settings = { maxConcurrentStreams: AT_ONCE, maxHeaderListSize: 4096, enablePush: false };
  const session = http2.performServerHandshake(connection, { settings, maxSessionMemory: MEMORY });
  session.setLocalWindowSize(WINDOW);
  session.on('stream', (stream, headers) => serve(stream, headers, targetOf));
  session.on('error', () => session.destroy());
  connection.on('error', () => session.destroy());
  connection.once('close', () => session.destroy());
  await new Promise<void>((over) => session.once('close', over));
  connection.destroy();
}

function serve(
  stream: http2.ServerHttp2Stream,
  headers: http2.IncomingHttpHeaders,
  targetOf: TargetOf,
): void {
  stream.on('error', () => stream.destroy());
  if (headers[':method'] !== 'CONNECT') return refuse(stream, 405);
  const target = targetOf(headers[':authority'] ?? '');
  if (target === undefined) return refuse(stream, 403);
  const service = connect({ ...target, allowHalfOpen: true, noDelay: true });
  service.once('connect', () => {
    if (stream.destroyed) return void service.destroy();
    stream.respond({ ':status': 200 });
    join(stream, service);
  });
  // before it is connected
  service.once('error', () => refuse(stream, 502));
  stream.once('close', () => service.destroy());
}

function join(stream: http2.ServerHttp2Stream, service: Socket): void {
  service.on('error', () => stream.close(http2.constants.NGHTTP2_CONNECT_ERROR));
  stream.on('end', () => (isWhole(stream) ? service.end() : service.resetAndDestroy()));
  stream.pipe(service, { end: false });
  service.pipe(stream);
}

/** A lost connection ends its streams as if they were over: half an upload must not look whole to a service. */
function isWhole(stream: http2.ServerHttp2Stream): boolean {
  return stream.rstCode === 0 && !stream.destroyed && stream.session?.destroyed === false;
}

function refuse(stream: http2.ServerHttp2Stream, status: number): void {
  if (stream.headersSent || stream.destroyed) return;
  stream.respond({ ':status': status }, { endStream: true });
}
