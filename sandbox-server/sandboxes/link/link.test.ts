/** T77: an agent is the learner's to change. Whatever it answers ends in a bounded Problem; no other sandbox is touched. */
import { createHash } from 'node:crypto';
import fs from 'node:fs/promises';
import http from 'node:http';
import net from 'node:net';
import type { Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { once } from 'node:events';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { AgentStatus } from '../../contract/agent.ts';
import type { AgentLink } from '../agent-link.ts';
import { createLinks, temporaryTicketKeys } from './index.ts';

const ID = 'abcdefghij234567abcd';
const { sign } = temporaryTicketKeys();
const STATUS: AgentStatus = {
  sandbox: ID,
  boot: 'boot-1',
  version: '1',
  lab: null,
  user: null,
  now: 0,
  startedAt: 0,
  terminals: [],
  usage: { memory: 0, disk: 0, pids: 0 },
};

let folder = '';
let server: net.Server;
let sockets: Socket[] = [];
/** what the hostile agent does with each connection, once the head of a request came */
let answer: (socket: Socket, head: string) => void = () => undefined;
let link: AgentLink;

beforeEach(async () => {
  folder = await fs.mkdtemp(join(tmpdir(), 'palestra-link-'));
  const path = join(folder, 's');
  server = net.createServer((socket) => {
    sockets.push(socket);
    let seen = '';
    socket.on('error', () => undefined);
    socket.on('data', (chunk: Buffer) => {
      if (seen.includes('\r\n\r\n')) return;
      seen += chunk.toString('latin1');
      if (!seen.includes('\r\n\r\n')) return;
      if (seen.startsWith('GET /v1/status ')) reply(socket, STATUS);
      else answer(socket, seen);
    });
  });
  server.listen(path);
  await once(server, 'listening');
  link = createLinks({ sign })({ id: ID, agent: { kind: 'unix', path } });
});
afterEach(async () => {
  for (const socket of sockets) socket.destroy();
  sockets = [];
  server.close();
  await fs.rm(folder, { recursive: true, force: true });
});

function reply(socket: Socket, value: unknown, status = '200 OK'): void {
  const body = JSON.stringify(value);
  socket.end(`HTTP/1.1 ${status}\r\ncontent-length: ${Buffer.byteLength(body)}\r\n\r\n${body}`);
}
const acceptFor = (head: string): string =>
  createHash('sha1')
    .update(`${/^sec-websocket-key: (.*)\r$/im.exec(head)?.[1]}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`)
    .digest('base64');
const misbehaved = { code: 'agent-misbehaved' };

describe('T77 replies', () => {
  it('for another sandbox are no reply', async () => {
    answer = (socket) => reply(socket, { ...STATUS, sandbox: 'z'.repeat(20), lab: 'labaaaaaaaaaaaaaaaaa' });
    await expect(
      link.claim({ lab: 'labaaaaaaaaaaaaaaaaa', user: 'a', fullName: '', seed: '0'.repeat(16), env: {} }),
    ).rejects.toMatchObject(misbehaved);
  });

  it.each<[string, string | Buffer]>([
    ['no JSON', 'HTTP/1.1 200 OK\r\ncontent-length: 1\r\n\r\n{'],
    ['JSON of another shape', 'HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n{}'],
    ['no HTTP', 'SSH-2.0-OpenSSH\r\n\r\n'],
    ['a head of 20 KiB', `HTTP/1.1 200 OK\r\nx: ${'y'.repeat(20_000)}\r\n\r\n[]`],
    ['a change of protocol', 'HTTP/1.1 101 Switching\r\nconnection: upgrade\r\nupgrade: x\r\n\r\n'],
    ['a failure without a reason', 'HTTP/1.1 500 No\r\ncontent-length: 0\r\n\r\n'],
    [
      'a failure with a reason of its own invention',
      'HTTP/1.1 500 No\r\ncontent-length: 31\r\n\r\n{"code":"boom","message":"boom"}',
    ],
    ['a redirect', 'HTTP/1.1 302 Found\r\nlocation: http://localhost/\r\ncontent-length: 0\r\n\r\n'],
  ])('of %s are refused', async (_, bytes) => {
    answer = (socket) => socket.end(bytes);
    await expect(link.terminals()).rejects.toMatchObject(misbehaved);
  });

  it('without an end are cut off at their bound', async () => {
    let sent = 0;
    answer = (socket) => {
      socket.write('HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n');
      const chunk = Buffer.from(`10000\r\n${'x'.repeat(65_536)}\r\n`);
      const more = (): void => {
        while (!socket.destroyed && socket.write(chunk)) sent += chunk.length;
      };
      socket.on('drain', more);
      more();
    };
    await expect(link.terminals()).rejects.toMatchObject(misbehaved);
    expect(sent).toBeLessThan(16 * 1024 * 1024);
  });

  it('that never come end after their time', { timeout: 20_000 }, async () => {
    answer = (socket) => void socket.write('HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\n[');
    await expect(link.terminals()).rejects.toMatchObject({ code: 'timeout' });
  });

  it('that break off are no reply', async () => {
    answer = (socket) => socket.end('HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\n[');
    await expect(link.terminals()).rejects.toMatchObject({ code: 'agent-unreachable' });
  });

  it('with a refusal of the contract pass it on, with its details', async () => {
    answer = (socket) =>
      reply(
        socket,
        { code: 'busy', message: 'Terminal 1 is busy.', details: { command: 'watch' } },
        '409 Conflict',
      );
    await expect(link.type({ code: 'ls' })).rejects.toMatchObject({
      code: 'busy',
      message: 'Terminal 1 is busy.',
      details: { command: 'watch' },
    });
  });

  it.each([
    ['no tag', 'x-palestra-kind: text\r\ncontent-length: 1'],
    ['a tag that would break a header', 'etag: "a\\"b"\r\nx-palestra-kind: text\r\ncontent-length: 1'],
    ['another kind', 'etag: "a"\r\nx-palestra-kind: html\r\ncontent-length: 1'],
    ['no length', 'etag: "a"\r\nx-palestra-kind: text\r\nconnection: close'],
  ])('of a file with %s are refused', async (_, head) => {
    answer = (socket) => socket.end(`HTTP/1.1 200 OK\r\n${head}\r\n\r\nx`);
    await expect(link.read('a')).rejects.toMatchObject(misbehaved);
  });

  it('of a refused ticket from an agent that was not started anew are a misdeed, not a loop', async () => {
    let asked = 0;
    answer = (socket) => {
      asked += 1;
      reply(socket, { code: 'not-signed-in', message: 'no' }, '401 Unauthorized');
    };
    await expect(link.terminals()).rejects.toMatchObject(misbehaved);
    expect(asked).toBe(1);
  });

  it('nobody there is said so', async () => {
    const gone = createLinks({ sign })({ id: ID, agent: { kind: 'unix', path: join(folder, 'nowhere') } });
    await expect(gone.status()).rejects.toMatchObject({ code: 'agent-unreachable' });
  });
});

describe('finding 1: the handshake', () => {
  const shake = (head: string): string =>
    `HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: ${acceptFor(head)}\r\n`;

  it('sends a fresh head: no cookie, no extensions, no subprotocol', async () => {
    let head = '';
    answer = (socket, seen) => {
      head = seen;
      socket.write(`${shake(seen)}\r\n`);
    };
    (await link.terminalSocket('1', 'read')).destroy();
    expect(
      head
        .split('\r\n')
        .map((line) => line.split(':')[0]?.toLowerCase())
        .filter(Boolean),
    ).toEqual([
      'get /v1/terminals/1 http/1.1',
      'host',
      'connection',
      'upgrade',
      'sec-websocket-key',
      'sec-websocket-version',
      'authorization',
    ]);
  });

  it('hands on what came with the head', async () => {
    answer = (socket, head) =>
      socket.write(Buffer.concat([Buffer.from(`${shake(head)}\r\n`), Buffer.from([0x81, 2, 0x68, 0x69])]));
    const socket = await link.terminalSocket('1', 'read');
    const [bytes] = (await once(socket, 'data')) as [Buffer];
    expect([...bytes]).toEqual([0x81, 2, 0x68, 0x69]);
    socket.destroy();
  });

  it('reads a head that comes byte by byte', async () => {
    answer = (socket, head) => {
      const bytes = Buffer.from(`${shake(head)}\r\n\x81\x02hi`, 'latin1');
      let i = 0;
      const timer = setInterval(() => {
        if (i >= bytes.length || socket.destroyed) clearInterval(timer);
        else socket.write(bytes.subarray(i, (i += 1)));
      }, 1);
    };
    const socket = await link.terminalSocket('1', 'read');
    let seen = '';
    for await (const chunk of socket as AsyncIterable<Buffer>) {
      seen += chunk.toString('latin1');
      if (seen.length >= 4) break;
    }
    expect(seen).toBe('\x81\x02hi');
  });

  it.each<[string, (head: string) => string]>([
    ['200 instead of 101', () => 'HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n{}'],
    [
      'a wrong Accept',
      () =>
        'HTTP/1.1 101 Switching\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: AAAA\r\n\r\n',
    ],
    ['no Accept', () => 'HTTP/1.1 101 Switching\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n'],
    ['two Accepts', (head) => `${shake(head)}Sec-WebSocket-Accept: AAAA\r\n\r\n`],
    ['an extension', (head) => `${shake(head)}Sec-WebSocket-Extensions: permessage-deflate\r\n\r\n`],
    ['a subprotocol', (head) => `${shake(head)}Sec-WebSocket-Protocol: x\r\n\r\n`],
    ['another protocol', () => 'HTTP/1.1 101 Switching\r\nUpgrade: h2c\r\nConnection: Upgrade\r\n\r\n'],
    ['a head of 9 KiB', (head) => `${shake(head)}X: ${'y'.repeat(9000)}\r\n\r\n`],
    ['a folded header', (head) => `${shake(head)} folded\r\n\r\n`],
    ['no HTTP', () => 'hello\r\n\r\n'],
    ['HTTP/1.0', () => 'HTTP/1.0 101 Switching\r\n\r\n'],
    ['a hang-up', () => ''],
  ])('refuses %s and destroys the connection', async (_, bytes) => {
    answer = (socket, head) => (bytes(head) === '' ? socket.end() : void socket.write(bytes(head)));
    await expect(link.terminalSocket('1', 'write')).rejects.toMatchObject(misbehaved);
    await until(() => sockets.every((socket) => socket.destroyed || socket.readableEnded));
  });

  it('refuses a head without an end in 2 s', async () => {
    answer = (socket) => void socket.write('HTTP/1.1 101 Switching\r\n');
    await expect(link.terminalSocket('1', 'write')).rejects.toMatchObject({ code: 'timeout' });
  });

  it("passes on the agent's refusal", async () => {
    answer = (socket) => reply(socket, { code: 'limit', message: 'Too many.' }, '429 Too Many Requests');
    await expect(link.terminalSocket('1', 'write')).rejects.toMatchObject({
      code: 'limit',
      message: 'Too many.',
    });
  });
});

describe('events', () => {
  it('of another sandbox, or not of the contract, end the connection and reach nobody', async () => {
    const seen: unknown[] = [];
    const frames = [
      JSON.stringify({ type: 'hello', status: { ...STATUS, sandbox: 'z'.repeat(20) } }),
      '{"type":"command"}',
      'x',
      JSON.stringify({ type: 'warning', text: 'x'.repeat(3_000_000) }),
    ];
    let dials = 0;
    answer = (socket, head) => {
      const body = Buffer.from(frames[dials % frames.length] ?? '');
      dials += 1;
      const size = Buffer.alloc(10);
      size[0] = 0x81;
      size[1] = 127;
      size.writeBigUInt64BE(BigInt(body.length), 2);
      socket.write(
        Buffer.concat([
          Buffer.from(
            `HTTP/1.1 101 S\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: ${acceptFor(head)}\r\n\r\n`,
          ),
          size,
          body,
        ]),
      );
    };
    const states: string[] = [];
    {
      using _ = link.events(
        (event) => seen.push(event),
        (state) => states.push(state),
      );
      await until(() => dials > frames.length);
    }
    expect(seen).toEqual([]);
    expect(states.slice(0, 4)).toEqual(['connected', 'lost', 'connected', 'lost']);
  });
});

describe('a request', () => {
  it('says nothing but what it must: its own ticket, no cookie', async () => {
    const heads: http.IncomingHttpHeaders[] = [];
    answer = (socket, head) => {
      heads.push(
        Object.fromEntries(
          head
            .split('\r\n')
            .slice(1)
            .map((line) => line.split(': ') as [string, string]),
        ),
      );
      reply(socket, []);
    };
    await link.terminals();
    await link.terminals();
    expect(
      Object.keys(heads[0] ?? {})
        .filter(Boolean)
        .sort(),
    ).toEqual(['authorization', 'connection', 'host']);
    expect(heads[0]?.['authorization']).not.toBe(heads[1]?.['authorization']);
  });
});

async function until(holds: () => boolean): Promise<void> {
  for (let i = 0; i < 400 && !holds(); i += 1) await new Promise((resolve) => setTimeout(resolve, 25));
  expect(holds()).toBe(true);
}
