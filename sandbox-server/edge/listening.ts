/** Where the server may listen, and the servers that do. */
import { createServer } from 'node:http';
import type { IncomingMessage, RequestListener, Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Duplex } from 'node:stream';
import { once } from 'node:events';
import type { Config } from '../contract/config.ts';
import { Problem } from '../contract/errors.ts';
import { isLoopback } from './address.ts';

/**
 * Beyond this machine only with real logins over https (T69): the development provider lets anybody in,
 * and browsers keep `__Host-` cookies over plain http on localhost alone.
 */
export function refuseUnsafeAddress({ host, url, oidc }: Pick<Config, 'host' | 'url' | 'oidc'>): void {
  const site = url === undefined ? null : new URL(url);
  const named = site === null || site.hostname === 'localhost';
  if (site !== null && !named && site.protocol !== 'https:') {
    throw new Problem(
      'forbidden',
      `url: ${url} must begin with https:// (browsers keep the login's cookie nowhere else but on localhost).`,
    );
  }
  if (isLoopback(host) || host === 'localhost') return;
  const missing = [
    named ? 'url: https://… (what browsers type)' : '',
    oidc === undefined ? 'oidc: (a real identity provider)' : '',
  ].filter(Boolean);
  if (missing.length === 0) return;
  throw new Problem(
    'forbidden',
    `Palestra does not listen on ${host} without ${missing.join(' and ')} in palestra.yaml. For yourself alone leave host at 127.0.0.1.`,
  );
}

export interface Listener {
  readonly port: number;
  /** stop taking connections; after `graceMs` cut those that are left */
  close(graceMs: number): Promise<void>;
}
export interface Answers {
  readonly request: RequestListener;
  readonly upgrade: (request: IncomingMessage, socket: Duplex, head: Buffer) => void;
}

/** `localhost` is 127.0.0.1 to one browser and ::1 to the next: both, where the machine has both. */
export async function listen(
  { host, port }: Pick<Config, 'host' | 'port'>,
  answers: Answers,
): Promise<Listener> {
  const first = serverFor(answers);
  const bound = await bind(first, host === 'localhost' ? '127.0.0.1' : host, port);
  const servers = [first];
  if (host === '127.0.0.1' || host === 'localhost') {
    const second = serverFor(answers);
    if (await bindIfThere(second, '::1', bound)) servers.push(second);
  }
  return {
    port: bound,
    close: async (graceMs) => void (await Promise.all(servers.map((server) => close(server, graceMs)))),
  };
}

function serverFor({ request, upgrade }: Answers): Server {
  const server = createServer({
    // 16 KiB of head, all within 15 s: slow and endless heads end here (T6)
    maxHeaderSize: 16 * 1024,
    headersTimeout: 15_000,
    // uploads and long answers have no end of their own
    requestTimeout: 0,
    keepAliveTimeout: 65_000,
    connectionsCheckingInterval: 5_000,
    // `Upgrade: h2c` and the like are requests as any other
    shouldUpgradeCallback: (asked) => asked.headers.upgrade?.toLowerCase() === 'websocket',
  });
  server.on('request', request).on('upgrade', upgrade);
  return server;
}

async function bind(server: Server, host: string, port: number): Promise<number> {
  server.listen({ host, port, backlog: 511 });
  try {
    await once(server, 'listening');
  } catch (error) {
    if (codeOf(error) !== 'EADDRINUSE') throw error;
    throw new Problem(
      'conflict',
      `Port ${port} on ${host} is taken. Stop the other program, or set another port in palestra.yaml.`,
      { cause: error },
    );
  }
  return (server.address() as AddressInfo).port;
}
async function bindIfThere(server: Server, host: string, port: number): Promise<boolean> {
  server.listen({ host, port, ipv6Only: true });
  try {
    await once(server, 'listening');
    return true;
  } catch (error) {
    // no IPv6 here, or somebody else's program on this port of it: 127.0.0.1 serves alone
    if (['EADDRNOTAVAIL', 'EAFNOSUPPORT', 'EADDRINUSE', 'EINVAL'].includes(codeOf(error) ?? '')) return false;
    throw error;
  }
}
function codeOf(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error ? String(error.code) : undefined;
}

async function close(server: Server, graceMs: number): Promise<void> {
  const closed = once(server, 'close');
  server.close();
  server.closeIdleConnections();
  const cut = setTimeout(() => server.closeAllConnections(), graceMs);
  await closed;
  clearTimeout(cut);
}
