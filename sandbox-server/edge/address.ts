/** Addresses of peers: for limits before anybody signed in, and for what only this machine may read. */
import type { IncomingMessage } from 'node:http';

const LOOPBACK = /^(?:127\.\d+\.\d+\.\d+|::1|::ffff:127\.\d+\.\d+\.\d+)$/;

export function isLoopback(address: string | undefined): boolean {
  return address !== undefined && LOOPBACK.test(address);
}

/**
 * @param behindProxy whether a proxy of ours stands before us on this machine: then, and only from this
 * machine, the last hop it wrote is taken; anybody else's `X-Forwarded-For` is air (T2).
 */
export function clientAddress(
  request: Pick<IncomingMessage, 'socket' | 'headers'>,
  behindProxy: boolean,
): string {
  const peer = request.socket.remoteAddress ?? 'gone';
  if (!behindProxy || !isLoopback(peer)) return peer;
  const hops = [request.headers['x-forwarded-for'] ?? []].flat().join(',').split(',');
  return hops.at(-1)?.trim() || peer;
}

/** From this very machine, and not handed on by a proxy. */
export function isLocal(request: Pick<IncomingMessage, 'socket' | 'headers'>): boolean {
  const handedOn =
    request.headers['x-forwarded-for'] !== undefined || request.headers.forwarded !== undefined;
  return isLoopback(request.socket.remoteAddress) && !handedOn;
}
