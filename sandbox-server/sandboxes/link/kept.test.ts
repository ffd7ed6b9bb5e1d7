/** Connections that stay, against a TLS server that says which of them each request came by; the real agent is in dial.test.ts. */
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import https from 'node:https';
import type { AddressInfo, Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TLSSocket } from 'node:tls';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { z } from 'zod';
import { certificateIn } from '../../agent/pod/certificate.ts';
import type { AgentAddress } from '../driver.ts';
import { fingerprintAt } from './dial.ts';
import { ask, askFor } from './request.ts';

const Said = z.object({ connection: z.number() });
type Remote = Extract<AgentAddress, { kind: 'tls' }>;

let folder = '';
let server: https.Server;
let connections: Socket[];
let address: Remote;
/** what an answer says besides */
let headers: Record<string, string>;

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'palestra-kept-'));
  [connections, headers] = [[], {}];
  server = await agentWith('one');
  address = await addressOf(server);
  connections = []; // the one that only looked
});
afterEach(() => {
  for (const connection of connections) connection.destroy();
  server.close();
  rmSync(folder, { recursive: true, force: true });
});

/** with a certificate of this name's */
async function agentWith(name: string, port = 0): Promise<https.Server> {
  const { cert, key } = await certificateIn(mkdtempSync(join(folder, name)), name);
  const opened = https.createServer(
    { cert: readFileSync(cert), key: readFileSync(key) },
    (request, response) => {
      request.resume();
      const connection = connections.indexOf(request.socket);
      const body = JSON.stringify({ connection });
      response.writeHead(200, { 'content-length': body.length, ...headers }).end(body);
    },
  );
  opened.on('secureConnection', (socket: TLSSocket) => connections.push(socket));
  opened.listen(port, '127.0.0.1');
  await once(opened, 'listening');
  return opened;
}
/** as it is pinned while it is nobody's */
async function addressOf(of: https.Server): Promise<Remote> {
  const at = { kind: 'tls', host: '127.0.0.1', port: (of.address() as AddressInfo).port } as const;
  return { ...at, pin: await fingerprintAt(at) };
}
const question = { method: 'GET', path: '/', authorization: 'ticket' } as const;
const connectionOf = async (to: AgentAddress): Promise<number> =>
  (await askFor(Said, to, question)).connection;

it('one request after the other goes by the same connection', async () => {
  expect([await connectionOf(address), await connectionOf(address), await connectionOf(address)]).toEqual([
    0, 0, 0,
  ]);
});

it('requests at once have connections of their own: none waits for an answer that never comes', async () => {
  const all = await Promise.all([connectionOf(address), connectionOf(address), connectionOf(address)]);
  expect(new Set(all).size).toBe(3);
});

it('an address with another pin is another agent: a connection that stands open there is not taken (finding 4)', async () => {
  await connectionOf(address);
  const other = { ...address, pin: '0'.repeat(64) };
  await expect(connectionOf(other)).rejects.toMatchObject({ code: 'agent-misbehaved' });
  expect(await connectionOf(address)).toBe(0);
});

it('another pod at the address of one that went is never spoken to by an old connection', async () => {
  await connectionOf(address);
  const { port } = address;
  for (const connection of connections) connection.destroy();
  server.close();
  await once(server, 'close');
  server = await agentWith('two', port);
  // the first may still go by the connection that was just cut
  await expect(connectionOf(address)).rejects.toMatchObject({
    code: expect.stringMatching(/^agent-(unreachable|misbehaved)$/) as string,
  });
  await expect(connectionOf(address)).rejects.toMatchObject({ code: 'agent-misbehaved' });
  expect(await connectionOf(await addressOf(server))).toBeGreaterThan(0);
});

it('an agent that hangs up between two requests is dialled again', async () => {
  await connectionOf(address);
  const closed = once(connections[0] as Socket, 'close');
  (connections[0] as Socket).end();
  await closed;
  expect(await connectionOf(address)).toBe(1);
});

it('T77 an answer that says it is the last, or that nobody read to its end, takes its connection along', async () => {
  headers = { connection: 'close' };
  await connectionOf(address);
  headers = {};
  expect(await connectionOf(address)).toBe(1);
  (await ask(address, question)).destroy();
  expect(await connectionOf(address)).toBe(2);
});

it('an idle one ends before the agent ends it', async () => {
  await connectionOf(address);
  const ended = once(connections[0] as Socket, 'close');
  await ended;
  expect(await connectionOf(address)).toBe(1);
});
