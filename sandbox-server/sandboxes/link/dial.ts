/**
 * The one way to an agent: a socket of this machine, or TLS to another. There the certificate must be the one that was
 * pinned while the sandbox was nobody's: addresses of pods are used again, and a ticket must never reach another's agent
 * (cluster finding 4). Nothing is written before the pin was compared.
 */
import { createHash } from 'node:crypto';
import type { RequestOptions } from 'node:http';
import net from 'node:net';
import type { Socket } from 'node:net';
import tls from 'node:tls';
import type { AgentAddress } from '../driver.ts';
import { misbehaved, unreachable } from './problems.ts';

/** a pod that went away answers nothing at all, ms */
const CONNECT = 5_000;
/** a node that went away is noticed on sockets nobody writes to, ms */
const KEEP_ALIVE = 15_000;

type Remote = Extract<AgentAddress, { kind: 'tls' }>;

/** @returns a connected socket. Throws Problem `agent-unreachable`, or `agent-misbehaved` where the pin does not fit */
export async function dial(address: AgentAddress): Promise<Socket> {
  if (address.kind === 'unix') return connected(net.connect({ path: address.path }), 'connect');
  const { socket, fingerprint } = await shake(address);
  if (fingerprint === address.pin) return socket;
  socket.destroy();
  throw misbehaved('its certificate is not the one it began with');
}

/** For `http.request` and `ws`, which have no room for a promise. */
export function connector(address: AgentAddress): NonNullable<RequestOptions['createConnection']> {
  return (_, done) => {
    dial(address).then(
      (socket) => done(null, socket),
      // their type wants a socket in any case; with an error none is looked at
      (error: Error) => done(error, undefined as unknown as Socket),
    );
    return undefined;
  };
}

/**
 * Who answers there now, to be pinned: hex of the certificate's SHA-256.
 * Only for a sandbox that is nobody's, at an address the cluster says is its own.
 */
export async function fingerprintAt(address: Pick<Remote, 'host' | 'port'>): Promise<string> {
  const { socket, fingerprint } = await shake(address);
  socket.destroy();
  return fingerprint;
}

async function shake({
  host,
  port,
}: Pick<Remote, 'host' | 'port'>): Promise<{ socket: Socket; fingerprint: string }> {
  // nobody signed it: its fingerprint is what counts
  const options = { host, port, rejectUnauthorized: false, minVersion: 'TLSv1.3' as const };
  const socket = tls.connect(options);
  await connected(socket, 'secureConnect');
  socket.setNoDelay(true);
  socket.setKeepAlive(true, KEEP_ALIVE);
  const certificate = socket.getPeerX509Certificate();
  const fingerprint = certificate && createHash('sha256').update(certificate.raw).digest('hex');
  return { socket, fingerprint: fingerprint ?? '' };
}

function connected<S extends Socket>(socket: S, event: 'connect' | 'secureConnect'): Promise<S> {
  const { promise, resolve, reject } = Promise.withResolvers<S>();
  const failed = (error: Error): void => {
    socket.destroy();
    reject(unreachable(error));
  };
  const late = (): void => failed(new Error(`no connection within ${CONNECT} ms`));
  const closed = (): void => failed(new Error('it hung up'));
  const timer = setTimeout(late, CONNECT);
  socket.once('error', failed).once('close', closed);
  socket.once(event, () => {
    clearTimeout(timer);
    socket.off('error', failed).off('close', closed);
    resolve(socket);
  });
  return promise.finally(() => clearTimeout(timer));
}
