/**
 * The browser's side of a WebSocket handshake, made here and not by the sandbox (finding 1): what a
 * browser asks is parsed, and what it gets back is written from scratch. No extension is ever agreed.
 */
import { createHash } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { Problem } from '../contract/errors.ts';
import { TERMINAL_PROTOCOL } from '../contract/terminal.ts';

/** More header lines than any browser sends; Node stops counting at 2,000 without a word. */
const MOST_HEADERS = 100;
const LONGEST_EXTENSIONS = 512;
const GUID = '258EAFA5-E914-47DA-95CA-C5AB0DC85B11';

/** @returns the key of a sound handshake. Throws Problem `bad-request`. */
export function handshakeKey(request: Pick<IncomingMessage, 'method' | 'headers' | 'rawHeaders'>): string {
  const key = request.headers['sec-websocket-key'] ?? '';
  const sound =
    request.method === 'GET' &&
    request.rawHeaders.length <= 2 * MOST_HEADERS &&
    request.headers['sec-websocket-version'] === '13' &&
    /^[A-Za-z0-9+/]{21}[AQgw]==$/.test(key) &&
    isPlainExtensions(request.headers['sec-websocket-extensions'] ?? '');
  if (!sound) throw new Problem('bad-request', 'This is not a WebSocket handshake as browsers make it.');
  return key;
}

/** Extensions are ignored, yet a header that no browser would send is refused before anything is done for it. */
function isPlainExtensions(header: string): boolean {
  return header.length <= LONGEST_EXTENSIONS && /^[\w\-;,=." ]*$/.test(header);
}

/** @returns the one-use ticket in `palestra.terminal.v1, ticket.<43 characters>`, or undefined. */
export function ticketIn(protocols: string | undefined): string | undefined {
  const [protocol, ticket, ...more] = (protocols ?? '').split(',').map((part) => part.trim());
  if (protocol !== TERMINAL_PROTOCOL || ticket === undefined || more.length > 0) return undefined;
  return /^ticket\.([A-Za-z0-9_-]{43})$/.exec(ticket)?.[1];
}

export function acceptOf(key: string): string {
  return createHash('sha1')
    .update(key + GUID)
    .digest('base64');
}

/** The fixed answer: nothing in it comes from a sandbox. */
export function acceptUpgrade(socket: Duplex, key: string): void {
  socket.write(
    'HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n' +
      `Sec-WebSocket-Accept: ${acceptOf(key)}\r\nSec-WebSocket-Protocol: ${TERMINAL_PROTOCOL}\r\n\r\n`,
  );
}
