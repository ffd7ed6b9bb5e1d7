/** The agent's door: requests to routes, upgrades to terminals, events and ports. Nothing passes without a ticket. */
import fs from 'node:fs';
import http from 'node:http';
import type { IncomingMessage, Server } from 'node:http';
import https from 'node:https';
import type { Duplex } from 'node:stream';
import { WebSocketServer } from 'ws';
import type { WebSocket } from 'ws';
import type { AgentConfig } from '../../contract/agent.ts';
import type { Agent } from '../agent.ts';
import { tunnel } from '../ports/tunnel.ts';
import { Refusal, asRefusal, bodyOf, statusOf } from '../refusal.ts';
import { serveClient } from '../terminals/session.ts';
import type { Terminal } from '../terminals/terminal.ts';
import { sendRefusal } from './call.ts';
import { TerminalNamePattern, parsePort } from './names.ts';
import type { Route } from './routes.ts';

/** the longest message a client may send (contract/terminal.ts MESSAGE_LIMIT) */
const MESSAGE_LIMIT = 64 * 1024;

export function createDoor(agent: Agent, routes: readonly Route[]): Server {
  const sockets = new WebSocketServer({
    noServer: true,
    perMessageDeflate: false,
    maxPayload: MESSAGE_LIMIT,
    clientTracking: false,
  });
  const server = createServer(agent.config.listen, (request, response) => {
    serve(agent, routes, request, response).catch((error: unknown) => sendRefusal(response, error));
  });
  server.on('upgrade', (request, socket, head) => {
    socket.on('error', () => socket.destroy());
    Promise.resolve()
      .then(() => upgrade(agent, sockets, request, socket, head))
      .catch((error: unknown) => refuseUpgrade(socket, error));
  });
  return server;
}

/** With TLS where the configuration names a certificate: whoever can reach a pod's port must not read along. */
function createServer(where: AgentConfig['listen'], onRequest: http.RequestListener): Server {
  const options = { maxHeaderSize: 16 * 1024 };
  if (!('tls' in where) || where.tls === undefined) return http.createServer(options, onRequest);
  const [cert, key] = [fs.readFileSync(where.tls.cert), fs.readFileSync(where.tls.key)];
  return https.createServer({ ...options, cert, key, minVersion: 'TLSv1.3' }, onRequest);
}

async function serve(
  agent: Agent,
  routes: readonly Route[],
  request: IncomingMessage,
  response: http.ServerResponse,
): Promise<void> {
  const url = addressOf(request);
  const route = routes.find((one) => one.method === request.method && one.path.test(url.pathname));
  if (route === undefined) throw new Refusal('not-found', 'The agent has no such resource.');
  agent.tickets.take(request.headers.authorization, route.need);
  const name = route.path.exec(url.pathname)?.[1] ?? '';
  await route.serve({ request, response, query: url.searchParams, name });
}

function addressOf(request: IncomingMessage): URL {
  const address = URL.parse(request.url ?? '', 'http://agent');
  if (address === null) throw new Refusal('bad-request', 'This address cannot be read.');
  return address;
}

async function upgrade(
  agent: Agent,
  sockets: WebSocketServer,
  request: IncomingMessage,
  socket: Duplex,
  head: Buffer,
): Promise<void> {
  const path = addressOf(request).pathname;
  const kind = request.headers.upgrade?.toLowerCase();
  const terminal = /^\/v1\/terminals\/([^/]+)$/.exec(path)?.[1];
  const port = /^\/v1\/ports\/([^/]+)$/.exec(path)?.[1];
  if (kind === 'websocket' && terminal !== undefined)
    return openTerminal(agent, sockets, request, socket, head, terminal);
  if (kind === 'websocket' && path === '/v1/events') {
    agent.tickets.take(request.headers.authorization, { op: 'events', mode: 'read' });
    return sockets.handleUpgrade(request, socket, head, (ws) =>
      agent.hub.add(ws, { type: 'hello', status: agent.status() }),
    );
  }
  if (kind === 'tcp' && port !== undefined) return openPort(agent, request, socket, head, port);
  if (kind === 'tcp' && path === '/v1/services') {
    agent.tickets.take(request.headers.authorization, { op: 'services', mode: 'write' });
    agent.owner.required();
    return agent.services.tunnel(socket);
  }
  throw new Refusal('not-found', 'The agent has no such resource.');
}

function openTerminal(
  agent: Agent,
  sockets: WebSocketServer,
  request: IncomingMessage,
  socket: Duplex,
  head: Buffer,
  name: string,
): void {
  if (!TerminalNamePattern.test(name)) throw new Refusal('bad-request', 'This is not a name for a terminal.');
  const { mode } = agent.tickets.take(request.headers.authorization, {
    op: 'terminal',
    mode: 'read',
    subject: name,
  });
  agent.owner.required();
  agent.terminals.admit(name);
  const terminal = terminalFor(agent, name, mode);
  sockets.handleUpgrade(request, socket, head, (ws: WebSocket) =>
    serveClient(ws, terminal, mode === 'write'),
  );
}

/** Whoever may only read opens nothing. */
function terminalFor(agent: Agent, name: string, mode: 'read' | 'write'): Terminal {
  const terminal = mode === 'write' ? agent.terminals.open(name) : agent.terminals.get(name);
  if (terminal === undefined) throw new Refusal('not-found', `There is no terminal ${name}.`);
  return terminal;
}

async function openPort(
  agent: Agent,
  request: IncomingMessage,
  socket: Duplex,
  head: Buffer,
  text: string,
): Promise<void> {
  const port = parsePort(text);
  if (port === null) throw new Refusal('bad-request', 'This is not a port a program of yours can listen on.');
  agent.tickets.take(request.headers.authorization, { op: 'port', mode: 'read', subject: text });
  // a preview shows what a learner's program serves, and is no way out of the sandbox
  if (agent.services.has(port))
    throw new Refusal('not-found', `Port ${port} is a service's, not a program of yours.`);
  await tunnel(port, socket, head);
}

function refuseUpgrade(socket: Duplex, error: unknown): void {
  const refusal = asRefusal(error);
  if (refusal.code === 'internal') process.stderr.write(`${String(refusal.cause)}\n`);
  const status = statusOf(refusal.code);
  const body = Buffer.from(JSON.stringify(bodyOf(refusal)));
  const head = `HTTP/1.1 ${status} ${http.STATUS_CODES[status]}\r\ncontent-type: application/json\r\ncontent-length: ${body.length}\r\nconnection: close\r\n\r\n`;
  socket.end(Buffer.concat([Buffer.from(head), body]));
}

/** Listen where the driver said: on a listener it made, a port, or a path. */
export function listen(server: Server, where: AgentConfig['listen']): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(where, () => resolve());
  });
}
