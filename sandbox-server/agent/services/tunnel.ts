/**
 * The way to services where nothing of them is in the sandbox: one connection, which the server opened, carries all as
 * HTTP/2. Its client is this side; each connection of a program's is a CONNECT, with a flow control of its own.
 */
import type http2 from 'node:http2';
import type { Duplex } from 'node:stream';
import type { Way } from './carrier.ts';

/** a slow reader of one stream must not hold up the others: room for the windows (64 KiB) of 128 */
const WINDOW = 8 * 1024 * 1024;
const ANSWER = 'HTTP/1.1 101 Switching Protocols\r\nconnection: Upgrade\r\nupgrade: tcp\r\n\r\n';

export interface Tunnel {
  /** the server's connection, from now on instead of the one before: whoever leads now opens one */
  take(connection: Duplex): Promise<void>;
  /** @returns null while no server has opened one. The stream fails where the server does not let it through. */
  open(host: string, port: number): Way | null;
  close(): void;
}

export function createTunnel(): Tunnel {
  let session: http2.ClientHttp2Session | null = null;
  const end = (): void => {
    session?.destroy();
    session = null;
  };
  return {
    async take(connection) {
      await answered(connection);
      const mine = await begin(connection);
      end();
      session = mine;
      mine.once('close', () => {
        if (session === mine) session = null;
      });
    },
    open: (host, port) => (session === null || session.closed ? null : connect(session, `${host}:${port}`)),
    close: end,
  };
}

/** Resolves once it is out: a write under way ends Node itself with an assertion once HTTP/2 has the handle. */
function answered(connection: Duplex): Promise<void> {
  return new Promise((done, fail) => {
    connection.write(ANSWER, (error) => (error ? fail(error) : done()));
  });
}

async function begin(connection: Duplex): Promise<http2.ClientHttp2Session> {
  // 20 ms of an agent's start, for the few that are lent something
  const { connect: over } = await import('node:http2');
  const session = over('http://server', { createConnection: () => connection });
  session.once('connect', () => session.setLocalWindowSize(WINDOW));
  session.on('error', () => session.destroy());
  session.once('close', () => connection.destroy());
  return session;
}

function connect(session: http2.ClientHttp2Session, authority: string): Way {
  const stream = session.request({ ':method': 'CONNECT', ':authority': authority });
  stream.once('response', ({ ':status': status }) => {
    if (status !== 200) stream.destroy(new Error(`${authority} answered ${status ?? 'nothing'}`));
  });
  // a lost connection ends its streams as if they were over, and says so here alone
  return { stream, isWhole: () => stream.rstCode === 0 && !session.destroyed && !stream.destroyed };
}
