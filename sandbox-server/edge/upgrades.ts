/**
 * WebSockets of the portal: whose address, whose page, whose session, then the relay's. Not registered
 * with Fastify, whose plugin would claim every upgrade (finding 6). What is refused gets a whole answer and
 * the end of its connection; an address nobody knows gets nothing.
 */
import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { WebSocketServer } from 'ws';
import { Problem } from '../contract/errors.ts';
import { Id, TerminalName } from '../contract/names.ts';
import type { SignedIn } from '../identity/face.ts';
import { handshakeKey, onlyCookie, refuseUpgrade } from '../relay/index.ts';
import type { HostsNow, Rooms } from './app.ts';
import { SESSION_COOKIE } from './cookies.ts';
import { bodyOf, nothingHere, statusOf, toProblem } from './problems.ts';
import { refuseForeignOrigin } from './same-origin.ts';

export type Upgrade = (request: IncomingMessage, socket: Duplex, head: Buffer) => void;
export interface Upgrades {
  readonly take: Upgrade;
  close(): void;
}
/** The page /check sends a word and hears it again, then leaves. */
const ECHO = { most: 50, bytes: 1024, ms: 30_000 } as const;

export function createUpgrades(
  rooms: Pick<Rooms, 'identity' | 'labs' | 'relay' | 'previews' | 'log'>,
  hosts: HostsNow,
): Upgrades {
  const echo = new WebSocketServer({
    noServer: true,
    clientTracking: true,
    maxPayload: ECHO.bytes,
    perMessageDeflate: false,
  });

  async function terminal(
    request: IncomingMessage,
    socket: Duplex,
    head: Buffer,
    address: TerminalAddress,
  ): Promise<void> {
    const who = await visitor(request);
    await rooms.labs.get(who, address.lab).catch((error: unknown) => {
      throw error instanceof Problem && error.code === 'not-found' ? nothingHere() : error;
    });
    await rooms.relay.attach({ request, socket, head, who, ...address });
  }

  async function visitor(request: IncomingMessage): Promise<SignedIn> {
    const who = await rooms.identity.signedIn(onlyCookie(request.headers.cookie, SESSION_COOKIE));
    if (who === null) throw new Problem('not-signed-in', 'Sign in first, then connect again.');
    return who;
  }

  function answerEcho(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    if (echo.clients.size >= ECHO.most)
      throw new Problem('limit', 'Too many checks at once. Try again in a moment.', {
        details: { retryAfter: 5 },
      });
    echo.handleUpgrade(request, socket, head, (ws) => {
      const end = setTimeout(() => ws.close(1000), ECHO.ms);
      ws.on('error', () => undefined).on('close', () => clearTimeout(end));
      ws.on('message', (data, isBinary) => ws.send(data, { binary: isBinary }));
    });
  }

  async function portal(
    request: IncomingMessage,
    socket: Duplex,
    head: Buffer,
    origin: string,
  ): Promise<void> {
    const path = (request.url ?? '').split('?')[0] ?? '';
    const address = terminalAddress(path);
    if (address === null && path !== '/api/check/socket') return void socket.destroy();
    handshakeKey(request);
    refuseForeignOrigin(request.headers, origin);
    if (address === null) answerEcho(request, socket, head);
    else await terminal(request, socket, head, address);
  }

  async function route(request: IncomingMessage, socket: Duplex, head: Buffer): Promise<void> {
    const meaning = hosts().meaning(request.headers.host);
    if (meaning.kind === 'portal') return portal(request, socket, head, meaning.origin);
    if (meaning.kind === 'preview') return rooms.previews.upgrade(request, socket, head, meaning.place);
    throw new Problem(
      meaning.kind === 'malformed' ? 'bad-request' : 'wrong-host',
      'There is no such address here.',
    );
  }

  return {
    take(request, socket, head) {
      // a peer that hangs up, or resets, ends its own socket: `close` follows
      socket.on('error', () => undefined);
      route(request, socket, head).catch((error: unknown) => {
        const problem = toProblem(error);
        if (problem.code === 'internal') rooms.log.error({ err: error }, 'an upgrade failed');
        else rooms.log.debug({ code: problem.code }, 'an upgrade was refused');
        refuseUpgrade(socket, statusOf(problem.code), bodyOf(problem));
      });
    },
    close() {
      for (const ws of echo.clients) ws.close(1001);
      echo.close();
    },
  };
}

interface TerminalAddress {
  readonly lab: string;
  readonly terminal: string;
}
function terminalAddress(path: string): TerminalAddress | null {
  const [, lab, terminal] = /^\/api\/labs\/([^/]+)\/terminals\/([^/]+)$/.exec(path) ?? [];
  const names = [Id.safeParse(lab), TerminalName.safeParse(terminal)] as const;
  return names[0].success && names[1].success ? { lab: names[0].data, terminal: names[1].data } : null;
}
