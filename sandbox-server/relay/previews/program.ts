/** One request, or one WebSocket, handed on to the program behind a tunnel and back, nothing collected. */
import { request as ask } from 'node:http';
import type { ClientRequest, IncomingMessage, ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { Problem } from '../../contract/errors.ts';
import type { PreviewPlace } from './address.ts';
import { toBrowser, toProgram } from './headers.ts';
import type { Headers } from './headers.ts';

/** The program's head may be this large, bytes: a notebook's cookies and policies fit many times. */
const HEAD_LIMIT = 32 * 1024;

/**
 * Hand the request to the program and its answer to the browser.
 * @param extra cookies of the preview's own to send along.
 * @returns once the answer was sent, or either side hung up in the middle of it.
 * Throws Problem `agent-unreachable` where no answer began.
 */
export async function passRequest(
  request: IncomingMessage,
  response: ServerResponse,
  tunnel: Duplex,
  place: PreviewPlace,
  extra: readonly string[],
): Promise<void> {
  const upstream = askProgram(request, tunnel, toProgram(request.rawHeaders, place));
  response.once('close', () => tunnel.destroy());
  // the program may answer before it has read all, or hang up: its answer, or the lack of one, tells
  const sent = pipeline(request, upstream).catch(() => undefined);
  const answer = await answerOf(upstream);
  const headers = toBrowser(answer.rawHeaders, place);
  if (extra.length > 0) headers['set-cookie'] = [...extra, ...[headers['set-cookie'] ?? []].flat()];
  response.writeHead(answer.statusCode ?? 502, headers);
  // a browser that leaves, or a program that dies half-way, ends both: there is no status left to say so
  await pipeline(answer, response).catch(() => response.destroy());
  upstream.destroy();
  await sent;
}

/**
 * The WebSocket handshake is the program's and the browser's own affair, extensions included: only the
 * head is written anew, from what `toBrowser` lets pass.
 * @returns the program's socket and the bytes that came with its answer; the browser was answered.
 */
export async function passUpgrade(
  request: IncomingMessage,
  socket: Duplex,
  tunnel: Duplex,
  place: PreviewPlace,
): Promise<{ program: Duplex; head: Buffer } | { refused: number }> {
  const headers = { ...toProgram(request.rawHeaders, place), connection: 'Upgrade', upgrade: 'websocket' };
  const upstream = askProgram(request, tunnel, headers);
  upstream.end();
  const answer = await new Promise<{ response: IncomingMessage; head?: Buffer }>((resolve, reject) => {
    upstream.once('upgrade', (response, _socket, head) => resolve({ response, head }));
    upstream.once('response', (response) => resolve({ response }));
    upstream.on('error', reject);
  }).catch(asUnreachable);
  if (answer.head === undefined || answer.response.statusCode !== 101) {
    upstream.destroy();
    return { refused: answer.response.statusCode ?? 502 };
  }
  socket.write(headOf(toBrowser(answer.response.rawHeaders, place)));
  return { program: tunnel, head: answer.head };
}

function askProgram(request: IncomingMessage, tunnel: Duplex, headers: Headers): ClientRequest {
  return ask({
    method: request.method ?? 'GET',
    path: request.url ?? '/',
    headers,
    setHost: false,
    maxHeaderSize: HEAD_LIMIT,
    createConnection: () => tunnel,
  });
}

function answerOf(upstream: ClientRequest): Promise<IncomingMessage> {
  return new Promise<IncomingMessage>((resolve, reject) => {
    upstream.once('response', resolve);
    // `error` again after the answer began is the answer's own to tell
    upstream.on('error', reject);
  }).catch(asUnreachable);
}
function asUnreachable(cause: unknown): never {
  throw new Problem('agent-unreachable', 'The program did not answer.', { cause });
}

/** Only what a 101 needs; a program's cookies come with its pages. */
function headOf(headers: Headers): string {
  const wanted = ['sec-websocket-accept', 'sec-websocket-protocol', 'sec-websocket-extensions'];
  const lines = wanted.flatMap((name) =>
    [headers[name] ?? []].flat().map((value) => `${name}: ${value}\r\n`),
  );
  return `HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n${lines.join('')}\r\n`;
}
