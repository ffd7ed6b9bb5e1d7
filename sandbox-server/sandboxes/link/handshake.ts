/**
 * The server's own upgrade of a connection to an agent (finding 1): a fresh head without cookie, viewer's
 * authorization or extensions; exactly 101 with the right Accept, in at most 8 KiB and 2 s. Anything else is an error
 * and the socket is gone: an answer passed on unparsed once handed the next user's request to the agent.
 */
import { createHash, randomBytes } from 'node:crypto';
import type net from 'node:net';
import type { Duplex } from 'node:stream';
import { Problem, ProblemBody } from '../../contract/errors.ts';
import type { AgentAddress } from '../driver.ts';
import { dial } from './dial.ts';
import { asProblem, misbehaved, timedOut, unreachable } from './problems.ts';
import { parseJson } from './request.ts';

const HEAD = 8 * 1024;
const TIMEOUT = 2000;
const GUID = '258EAFA5-E914-47DA-95CA-C5AB0DC85B11';
const END = Buffer.from('\r\n\r\n');

export interface Upgrade {
  readonly path: string;
  readonly authorization: string;
  readonly protocol: 'websocket' | 'tcp';
}

/** @returns the agent's socket, not flowing yet, positioned at the first byte after the head */
export async function upgrade(
  address: AgentAddress,
  { path, authorization, protocol }: Upgrade,
): Promise<Duplex> {
  const socket = await dial(address);
  const key = randomBytes(16).toString('base64');
  const websocket =
    protocol === 'websocket' ? `Sec-WebSocket-Key: ${key}\r\nSec-WebSocket-Version: 13\r\n` : '';
  // only once it is out may somebody else have the socket: HTTP/2 takes a write under way for its own, and Node ends
  await written(
    socket,
    `GET ${path} HTTP/1.1\r\nHost: agent\r\nConnection: Upgrade\r\nUpgrade: ${protocol}\r\n${websocket}Authorization: ${authorization}\r\n\r\n`,
  );
  try {
    const { text, rest } = await readHead(socket);
    const head = parseHead(text); // here and not in the listener: what a listener throws ends the server
    if (head.status !== 101) throw await refusal(socket, head, rest);
    if (head.header('upgrade')?.toLowerCase() !== protocol)
      throw misbehaved('it changed to another protocol');
    if (protocol === 'websocket') checkWebSocket(head, key);
    if (rest.length > 0) socket.unshift(rest);
    return socket;
  } catch (error) {
    socket.destroy();
    throw asProblem(error);
  }
}

function written(socket: net.Socket, head: string): Promise<void> {
  return new Promise((done, fail) => {
    socket.write(head, (error) => (error ? fail(unreachable(error)) : done()));
  });
}

function checkWebSocket(head: Head, key: string): void {
  const expected = createHash('sha1')
    .update(key + GUID)
    .digest('base64');
  if (head.header('sec-websocket-accept') !== expected) throw misbehaved('its handshake has the wrong key');
  if (head.header('sec-websocket-extensions') !== undefined)
    throw misbehaved('it wants an extension nobody offered');
  if (head.header('sec-websocket-protocol') !== undefined)
    throw misbehaved('it wants a subprotocol nobody offered');
}

interface Head {
  readonly status: number;
  header(name: string): string | undefined;
}

/** Reads exactly the head, by `readable`: whoever gets the socket then makes it flow by listening, as with a fresh one. */
function readHead(socket: net.Socket): Promise<{ text: string; rest: Buffer }> {
  const { promise, resolve, reject } = Promise.withResolvers<{ text: string; rest: Buffer }>();
  let seen = Buffer.alloc(0);
  const late = setTimeout(() => reject(timedOut()), TIMEOUT);
  const onReadable = (): void => {
    seen = Buffer.concat([seen, (socket.read() as Buffer | null) ?? Buffer.alloc(0)]);
    const end = seen.indexOf(END);
    if (end > HEAD || (end < 0 && seen.length > HEAD))
      return reject(misbehaved('the head of its answer is too long'));
    if (end < 0) return;
    resolve({ text: seen.subarray(0, end).toString('latin1'), rest: seen.subarray(end + END.length) });
  };
  const onEnd = (): void => reject(misbehaved('it hung up in the middle of a handshake'));
  socket.on('readable', onReadable).on('end', onEnd).on('error', reject);
  return promise.finally(() => {
    clearTimeout(late);
    socket.off('readable', onReadable).off('end', onEnd).off('error', reject);
  });
}

function parseHead(text: string): Head {
  const [first = '', ...lines] = text.split('\r\n');
  const status = Number(/^HTTP\/1\.1 (\d{3}) /.exec(first + ' ')?.[1] ?? 0);
  const headers = lines.map((line) => /^([!#$%&'*+.^_`|~\w-]+):[ \t]*(.*?)[ \t]*$/.exec(line));
  if (status === 0 || headers.some((header) => header === null)) throw misbehaved('it does not speak HTTP');
  return {
    status,
    header(name) {
      const found = headers.filter((header) => header?.[1]?.toLowerCase() === name);
      return found.length > 1 ? '' : found[0]?.[2];
    },
  };
}

/** What the agent said instead of 101, if it is a ProblemBody of a bounded length that came with or right after the head. */
async function refusal(socket: net.Socket, head: Head, rest: Buffer): Promise<Problem> {
  const length = Number(head.header('content-length') ?? 0);
  if (head.status < 400 || !(length <= HEAD)) return misbehaved(`it answered ${head.status} to a handshake`);
  const body = await readUntil(socket, rest, length);
  const parsed = ProblemBody.safeParse(parseJson(body));
  if (!parsed.success) return misbehaved(`it answered ${head.status} to a handshake`);
  return new Problem(
    parsed.data.code,
    parsed.data.message,
    parsed.data.details === undefined ? {} : { details: parsed.data.details },
  );
}

function readUntil(socket: net.Socket, rest: Buffer, length: number): Promise<Buffer> {
  const { promise, resolve } = Promise.withResolvers<Buffer>();
  let seen = rest;
  const done = (): void => resolve(seen.subarray(0, length));
  const late = setTimeout(done, TIMEOUT);
  const onData = (chunk: Buffer): void => {
    seen = Buffer.concat([seen, chunk]);
    if (seen.length >= length) done();
  };
  if (seen.length >= length) done();
  else socket.on('data', onData).on('end', done).on('error', done).resume();
  return promise.finally(() => clearTimeout(late));
}
