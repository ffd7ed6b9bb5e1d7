/**
 * What stands before an installation: one https address with the portal behind it and, at /idp, a provider to sign in
 * at. On the machine's side of the cluster, so that browsers, tests and the server's pods find the same address.
 */
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { request, type IncomingMessage, type ServerResponse } from 'node:http';
import { createServer } from 'node:https';
import { connect, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Duplex } from 'node:stream';
import { getCACertificates, setDefaultCACertificates } from 'node:tls';
import { selfSigned } from '../../../infra/machine/testing/self-signed.ts';
import { createProvider, type DevelopmentProvider } from '../../../sandbox-server/identity/index.ts';
import { silentLog } from '../../../sandbox-server/telemetry/index.ts';

export interface Front extends AsyncDisposable {
  readonly url: string;
  /** PEM; this process trusts it from now on */
  readonly authority: string;
  readonly provider: DevelopmentProvider;
  /** where the portal is: a Service's address */
  leadTo(host: string, port: number): void;
}

export async function openFront(host: string): Promise<Front> {
  const folder = await mkdtemp(join(tmpdir(), 'palestra-front-'));
  const { key, cert } = await selfSigned(folder, host, 'IP');
  setDefaultCACertificates([...getCACertificates('default'), cert]);
  let portal = { host: '127.0.0.1', port: 9 };
  const server = createServer({ key, cert });
  server.listen(0, host);
  await once(server, 'listening');
  const url = `https://${host}:${(server.address() as AddressInfo).port}`;
  const provider = await createProvider({ issuer: `${url}/idp`, portal: url, folder, log: silentLog() });
  server.on('request', (asked, answer) => {
    if (asked.url?.startsWith('/idp/') === true)
      return void provider.callback(asked, answer).catch(() => answer.destroy());
    pass(portal, asked, answer);
  });
  server.on('upgrade', (asked, socket: Duplex, head: Buffer) => upgrade(portal, asked, socket, head));
  return {
    url,
    authority: cert,
    provider,
    leadTo: (to, port) => void (portal = { host: to, port }),
    async [Symbol.asyncDispose]() {
      server.close();
      server.closeAllConnections();
      await provider.close();
      await rm(folder, { recursive: true });
    },
  };
}

interface Place {
  readonly host: string;
  readonly port: number;
}
/** A replica that goes away mid-answer is a 502, as of any proxy. */
function pass(to: Place, asked: IncomingMessage, answer: ServerResponse): void {
  const { method, url, headers } = asked;
  const on = request({ ...to, method, path: url, headers, agent: false }, (got) => {
    answer.writeHead(got.statusCode ?? 502, got.headers);
    got.pipe(answer);
    got.on('error', () => answer.destroy());
  });
  on.on('error', () => (answer.headersSent ? answer.destroy() : answer.writeHead(502).end()));
  asked.pipe(on);
}
function upgrade(to: Place, asked: IncomingMessage, socket: Duplex, head: Buffer): void {
  const on = connect(to.port, to.host);
  const lines = asked.rawHeaders.flatMap((name, i, all) =>
    i % 2 === 0 ? [`${name}: ${all[i + 1] ?? ''}`] : [],
  );
  on.write([`${asked.method ?? 'GET'} ${asked.url ?? '/'} HTTP/1.1`, ...lines, '', ''].join('\r\n'));
  on.write(head);
  on.pipe(socket).pipe(on);
  on.on('error', () => socket.destroy());
  socket.on('error', () => on.destroy());
}
