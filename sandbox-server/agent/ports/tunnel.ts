/** Bytes between an upgraded request and a program of the learner's on the sandbox's loopback. */
import net from 'node:net';
import type { Duplex } from 'node:stream';
import { Refusal } from '../refusal.ts';

const ANSWER = 'HTTP/1.1 101 Switching Protocols\r\nconnection: Upgrade\r\nupgrade: tcp\r\n\r\n';

/** @throws Refusal `not-found` where nothing listens */
export async function tunnel(port: number, client: Duplex, head: Buffer): Promise<void> {
  const program = await dial(port, '127.0.0.1')
    .catch(() => dial(port, '::1'))
    .catch((error: unknown) => {
      throw new Refusal('not-found', `Nothing listens on port ${port} yet.`, { cause: error });
    });
  client.write(ANSWER);
  if (head.length > 0) program.write(head);
  program.on('error', () => client.destroy());
  client.on('error', () => program.destroy());
  program.on('close', () => client.end());
  client.on('close', () => program.destroy());
  client.pipe(program).pipe(client);
}

function dial(port: number, host: string): Promise<net.Socket> {
  return new Promise((resolve, reject) => {
    const socket = net.connect({ port, host, allowHalfOpen: true, noDelay: true });
    socket.once('error', reject);
    socket.once('connect', () => {
      socket.off('error', reject);
      resolve(socket);
    });
  });
}
