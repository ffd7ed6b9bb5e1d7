/** Connections that stay, against a TLS server that says which of them each request came by; the real agent is in dial.test.ts. */
import { createHash, X509Certificate } from 'node:crypto';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { execFileSync } from 'node:child_process';
import https from 'node:https';
import type { AddressInfo, Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TLSSocket } from 'node:tls';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { z } from 'zod';
import type { AgentAddress } from '../driver.ts';
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
  server = await agentWith(certificate('one'));
  address = addressOf(server, 'one');
});
afterEach(() => {
  for (const connection of connections) connection.destroy();
  server.close();
  rmSync(folder, { recursive: true, force: true });
});

interface Pair {
  readonly key: Buffer;
  readonly cert: Buffer;
}
function certificate(name: string): Pair {
  const [key, cert] = [join(folder, `${name}.key`), join(folder, `${name}.crt`)];
  const words = `req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -subj /CN=${name} -days 1`;
  execFileSync('openssl', [...words.split(' '), '-keyout', key, '-out', cert], { stdio: 'ignore' });
  return { key: readFileSync(key), cert: readFileSync(cert) };
}
async function agentWith(pair: Pair, port = 0): Promise<https.Server> {
  const opened = https.createServer(pair, (request, response) => {
    request.resume();
    const connection = connections.indexOf(request.socket);
    const body = JSON.stringify({ connection });
    response.writeHead(200, { 'content-length': body.length, ...headers }).end(body);
  });
  opened.on('secureConnection', (socket: TLSSocket) => connections.push(socket));
  opened.listen(port, '127.0.0.1');
  await once(opened, 'listening');
  return opened;
}
function addressOf(of: https.Server, name: string): Remote {
  const { raw } = new X509Certificate(readFileSync(join(folder, `${name}.crt`)));
  const pin = createHash('sha256').update(raw).digest('hex');
  return { kind: 'tls', host: '127.0.0.1', port: (of.address() as AddressInfo).port, pin };
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
  server = await agentWith(certificate('two'), port);
  // the first may still go by the connection that was just cut
  await expect(connectionOf(address)).rejects.toMatchObject({
    code: expect.stringMatching(/^agent-(unreachable|misbehaved)$/) as string,
  });
  await expect(connectionOf(address)).rejects.toMatchObject({ code: 'agent-misbehaved' });
  expect(await connectionOf(addressOf(server, 'two'))).toBeGreaterThan(0);
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
