/**
 * The socket an agent answers on, made by the server (finding 3: one made inside a sandbox was
 * replaced by a symlink, and the server dialled a host-only service).
 *
 * It listens on a temporary name and is renamed: closing our copy unlinks the temporary name only, so
 * the socket lives on with the child that inherited the descriptor, also after the server's kill -9.
 */
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { renameSync } from 'node:fs';
import { createServer, type Server } from 'node:net';
import { dirname, join } from 'node:path';

export interface Listener {
  /** to be handed to the child through `stdio` */
  readonly fd: number;
  /** gives the socket its name and closes our copy, in one tick: no connection is ever accepted here */
  handOver(): void;
  /** gives up: nothing stays */
  close(): void;
}

/** @param path at most 107 bytes; its folder exists */
export async function listenFor(path: string): Promise<Listener> {
  const temporary = join(dirname(path), `.${randomBytes(6).toString('hex')}`);
  const server = createServer((socket) => socket.destroy());
  server.listen(temporary);
  await once(server, 'listening');
  return {
    fd: descriptorOf(server),
    handOver() {
      renameSync(temporary, path);
      server.close();
    },
    close: () => void server.close(),
  };
}

/** Node has no public way to a listening socket's descriptor, and passes only numbers for servers in `stdio`. */
function descriptorOf(server: Server): number {
  const handle = (server as unknown as { _handle?: { fd?: number } })._handle;
  if (handle?.fd === undefined || handle.fd < 0)
    throw new Error('this Node gives no descriptor of a listening socket');
  return handle.fd;
}
