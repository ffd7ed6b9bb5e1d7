/**
 * The agent's end of a relayed socket without an agent: a real `ws` server whose raw connections are
 * handed out as `AgentLink.terminalSocket` hands them out, past the handshake, at the first frame.
 */
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { connect } from 'node:net';
import { WebSocketServer } from 'ws';
import type { WebSocket } from 'ws';

export interface EchoAgent {
  /** a fresh raw connection, positioned at the first frame */
  dial(): Promise<Socket>;
  readonly port: number;
  readonly sockets: Set<WebSocket>;
  close(): Promise<void>;
}

/** @param onConnection what this agent does; absent: it echoes. */
export async function startEchoAgent(onConnection: (socket: WebSocket) => void = echo): Promise<EchoAgent> {
  const server = createServer();
  const wss = new WebSocketServer({ server, perMessageDeflate: false });
  wss.on('connection', (socket) => {
    socket.on('error', () => undefined);
    onConnection(socket);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    dial: () => dial(port),
    port,
    sockets: wss.clients,
    async close() {
      for (const socket of wss.clients) socket.terminate();
      server.close();
      await once(server, 'close');
    },
  };
}
function echo(socket: WebSocket): void {
  socket.on('message', (data, isBinary) => socket.send(data, { binary: isBinary }));
}

/** @returns a raw connection past the handshake */
export async function dial(port: number): Promise<Socket> {
  const socket = connect(port, '127.0.0.1');
  await once(socket, 'connect');
  socket.write(
    'GET / HTTP/1.1\r\nHost: agent\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n' +
      'Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n',
  );
  let head = '';
  while (!head.includes('\r\n\r\n')) {
    await once(socket, 'readable');
    const bytes = socket.read() as Buffer | null;
    head += bytes?.toString('latin1') ?? '';
  }
  const rest = head.slice(head.indexOf('\r\n\r\n') + 4);
  if (rest.length > 0) socket.unshift(Buffer.from(rest, 'latin1'));
  return socket;
}
