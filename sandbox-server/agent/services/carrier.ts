/**
 * One endpoint: a listener on the sandbox's loopback whose connections are carried to where the service is: a socket of
 * the host's, or a stream of the tunnel. Either side may close its half alone, as HTTP clients and transfers do; either
 * may go away at any time.
 */
import net from 'node:net';
import type { Duplex } from 'node:stream';
import { errnoOf } from '../refusal.ts';

/** one sandbox's connections to one endpoint; `xrdcp` and `rucio` use a handful */
const AT_ONCE = 128;
/** kernel's queue of connections not yet taken */
const BACKLOG = 64;

/** The service's end of one connection. */
export interface Way {
  readonly stream: Duplex;
  /** asked at the stream's end: whether the service ended it. Lost on its way, it must not look whole to a program. */
  readonly isWhole: () => boolean;
}
/** null where there is no way just now */
export type Dial = () => Way | null;
export interface Carrier {
  readonly port: number;
  readonly open: number;
  /** turned away since because there were too many */
  readonly refused: number;
  /** stops listening and ends what is open */
  close(): Promise<void>;
}

/** @returns null where something listens on the port already. @param most default 128 */
export async function carry(port: number, dial: Dial, most = AT_ONCE): Promise<Carrier | null> {
  const open = new Set<net.Socket>();
  let refused = 0;
  const server = net.createServer({ allowHalfOpen: true, noDelay: true }, (client) => {
    const way = open.size < most ? dial() : null;
    if (way === null) {
      if (open.size >= most) refused += 1;
      client.on('error', () => client.destroy());
      return void client.resetAndDestroy();
    }
    open.add(client);
    client.once('close', () => open.delete(client));
    join(client, way);
  });
  if (!(await listening(server, port))) return null;
  return {
    port,
    get open() {
      return open.size;
    },
    get refused() {
      return refused;
    },
    close: () =>
      new Promise((done) => {
        server.close(() => done());
        for (const client of open) client.destroy();
      }),
  };
}

/** `pipe` waits for a slow reader and hands on the end of each half; an error or a loss ends both. */
function join(client: net.Socket, { stream: service, isWhole }: Way): void {
  client.on('error', () => service.destroy());
  // nobody behind it: the client sees its connection reset, as where a server is down
  service.on('error', () => client.resetAndDestroy());
  client.on('close', () => service.destroy());
  service.on('end', () => (isWhole() ? client.end() : client.resetAndDestroy()));
  service.on('close', () => client.destroySoon());
  client.pipe(service);
  service.pipe(client, { end: false });
}

function listening(server: net.Server, port: number): Promise<boolean> {
  const { promise, resolve, reject } = Promise.withResolvers<boolean>();
  server.once('error', (error) => {
    if (errnoOf(error) === 'EADDRINUSE') resolve(false);
    else reject(error);
  });
  server.listen({ port, host: '127.0.0.1', backlog: BACKLOG }, () => {
    server.removeAllListeners('error');
    // a listener that fails later (no descriptor left) goes on with the next connection
    server.on('error', (error) => void process.stderr.write(`services: ${String(error)}\n`));
    resolve(true);
  });
  return promise;
}
