import { createHash, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { connect } from 'node:net';
import type { Socket } from 'node:net';
import { setTimeout as wait } from 'node:timers/promises';
import { afterEach, describe, expect, it } from 'vitest';
import type { WebSocket } from 'ws';
import { CLOSE } from '../contract/terminal.ts';
import { startEchoAgent } from './testing/echo-agent.ts';
import type { EchoAgent } from './testing/echo-agent.ts';
import { closeOf, relayGround, somebody } from './testing/relay-ground.ts';
import type { RelayGround } from './testing/relay-ground.ts';
import type { RelayOptions } from './terminal-relay.ts';

let agent: EchoAgent;
let ground: RelayGround;
async function start(
  onConnection?: (socket: WebSocket) => void,
  options: Partial<RelayOptions> = {},
): Promise<void> {
  agent = await startEchoAgent(onConnection);
  ground = await relayGround({ terminalSocket: () => agent.dial() }, options);
}
afterEach(async () => {
  await ground[Symbol.asyncDispose]();
  await agent.close();
});

/** A browser that is only a socket: what it says after the handshake is up to the test. */
async function raw(protocol?: string): Promise<{ socket: Socket; head: string }> {
  const socket = connect(ground.port, '127.0.0.1');
  socket.on('error', () => undefined);
  const offered = protocol ?? ground.protocols(await ground.ticket()).join(', ');
  socket.write(
    'GET /?as=session-1 HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n' +
      `Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Protocol: ${offered}\r\n\r\n`,
  );
  const [first] = (await once(socket, 'data')) as [Buffer];
  return { socket, head: String(first) };
}
const masked = (first: number, length: number, payload = Buffer.alloc(0)): Buffer => {
  const size = length < 126 ? [0x80 | length] : [0x80 | 126, length >> 8, length & 255];
  return Buffer.concat([Buffer.from([first, ...size, 0, 0, 0, 0]), payload]);
};
async function settled(condition: () => boolean): Promise<void> {
  for (let i = 0; i < 400 && !condition(); i++) await wait(10);
  expect(condition()).toBe(true);
}

describe('the relay passes bytes on', () => {
  it('both ways, text and binary, each message as it was', async () => {
    await start();
    const browser = await ground.browser();
    for (const length of [0, 1, 125, 126, 5000, 65536]) {
      const sent = randomBytes(length);
      browser.send(sent);
      const [got] = (await once(browser, 'message')) as [Buffer];
      expect(got.equals(sent)).toBe(true);
    }
    browser.send('{"type":"take"}');
    const [text, isBinary] = (await once(browser, 'message')) as [Buffer, boolean];
    expect([String(text), isBinary]).toEqual(['{"type":"take"}', false]);
    browser.close(1000, 'done');
    expect(await closeOf(browser)).toBe(1000);
    await settled(() => ground.relay.attached === 0);
  });

  it('40 MB from the agent, identical by hash', async () => {
    const block = randomBytes(65536);
    await start((socket) => {
      socket.once('message', () => {
        for (let i = 0; i < 640; i++) socket.send(block);
        socket.close(1000);
      });
    });
    const browser = await ground.browser();
    const seen = createHash('sha256');
    const wanted = createHash('sha256');
    for (let i = 0; i < 640; i++) wanted.update(block);
    browser.on('message', (chunk: Buffer) => seen.update(chunk));
    browser.send('go');
    expect(await closeOf(browser)).toBe(1000);
    expect(seen.digest('hex')).toBe(wanted.digest('hex'));
  });

  it('F7 in pieces of one byte as well', async () => {
    await start();
    const { socket } = await raw();
    for (const byte of masked(0x82, 3, Buffer.from('abc'))) socket.write(Buffer.from([byte]));
    const got: Buffer[] = [];
    socket.on('data', (chunk: Buffer) => got.push(chunk));
    await settled(() => Buffer.concat(got).equals(Buffer.from([0x82, 3, 0x61, 0x62, 0x63])));
    socket.destroy();
  });

  it('what the agent says in Close reaches the browser', async () => {
    await start((socket) => socket.on('message', () => socket.close(4003, 'slowly')));
    const browser = await ground.browser();
    browser.send('x');
    expect(await closeOf(browser)).toBe(4003);
  });
});

describe('before the handshake', () => {
  it('T3 no ticket, or a used one, is refused and dials nothing', async () => {
    await start();
    expect((await raw('palestra.terminal.v1')).head).toMatch(/^HTTP\/1.1 400 not-signed-in/);
    const protocols = ground.protocols(await ground.ticket()).join(', ');
    expect((await raw(protocols)).head).toMatch(/^HTTP\/1.1 101 /);
    expect((await raw(protocols)).head).toMatch(/^HTTP\/1.1 400 not-signed-in/);
    expect(agent.sockets.size).toBe(1);
  });

  it('answers with its own head whatever the agent is', async () => {
    await start();
    const { head, socket } = await raw();
    expect(head.split('\r\n').slice(0, 3)).toEqual([
      'HTTP/1.1 101 Switching Protocols',
      'Upgrade: websocket',
      'Connection: Upgrade',
    ]);
    socket.destroy();
  });

  it('T8 the connection after the last allowed is refused with a clear code; a closed one makes room', async () => {
    await start(undefined, { perSession: 3 });
    const three = [await ground.browser(), await ground.browser(), await ground.browser()];
    expect((await raw()).head).toMatch(/^HTTP\/1.1 400 limit/);
    const other = await ground.browser(somebody('session-2'));
    expect(other.readyState).toBe(other.OPEN);
    three[0]?.close();
    await settled(() => ground.relay.attached === 3);
    expect((await raw()).head).toMatch(/^HTTP\/1.1 101 /);
  });

  it('a browser that hangs up while the agent is dialled leaves nothing behind', async () => {
    let release = (): void => undefined;
    const held = new Promise<void>((resolve) => (release = resolve));
    agent = await startEchoAgent();
    ground = await relayGround({ terminalSocket: () => held.then(() => agent.dial()) });
    const socket = connect(ground.port, '127.0.0.1');
    const protocols = ground.protocols(await ground.ticket()).join(', ');
    socket.write(
      'GET /?as=session-1 HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n' +
        `Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Protocol: ${protocols}\r\n\r\n`,
    );
    await settled(() => ground.relay.attached === 1);
    socket.destroy();
    await wait(50);
    release();
    await settled(() => ground.relay.attached === 0 && agent.sockets.size === 0);
  });
});

describe('limits', () => {
  it('T4 64 KiB + 1 byte closes with 1009, and the server lives', async () => {
    await start();
    const browser = await ground.browser();
    browser.send(randomBytes(64 * 1024 + 1));
    expect(await closeOf(browser)).toBe(1009);
    const next = await ground.browser();
    next.send('alive');
    await once(next, 'message');
  });

  it('T5 endless FIN=0 fragments are ended', async () => {
    await start();
    const { socket } = await raw();
    const got: Buffer[] = [];
    socket.on('data', (chunk: Buffer) => got.push(chunk));
    socket.write(masked(0x02, 1, Buffer.from('x')));
    const flood = setInterval(
      () => socket.write(Buffer.concat(Array.from({ length: 50 }, () => masked(0x00, 0)))),
      5,
    );
    await once(socket, 'close');
    clearInterval(flood);
    expect(Buffer.concat(got)[0]).toBe(0x88);
    expect(Buffer.concat(got).readUInt16BE(2)).toBe(1009);
    await settled(() => ground.relay.attached === 0);
  });

  it('T8 a flood of messages closes with 4003, while a neighbour goes on', async () => {
    await start(() => undefined);
    const neighbour = await ground.browser(somebody('session-2'));
    const flooder = await ground.browser();
    let code = 0;
    flooder.once('close', (ended: number) => (code = ended));
    for (let burst = 0; burst < 400 && code === 0; burst++) {
      for (let i = 0; i < 100; i++) flooder.send('x');
      await wait(1);
    }
    await settled(() => code !== 0);
    expect(code).toBe(CLOSE.limit);
    expect(neighbour.readyState).toBe(neighbour.OPEN);
  });

  it.each([
    ['unmasked', Buffer.from([0x82, 1, 0x61])],
    ['with reserved bits', masked(0xc2, 0)],
  ])('T6 a frame %s closes with 1008', async (_what, bytes) => {
    await start();
    const { socket } = await raw();
    socket.write(bytes);
    const [close] = (await once(socket, 'data')) as [Buffer];
    expect([close[0], close.readUInt16BE(2)]).toEqual([0x88, 1008]);
    socket.destroy();
  });

  it('T7 a browser that never reads pauses its own agent and nobody else; the server keeps nothing', async () => {
    const block = Buffer.alloc(65536, 'y');
    let sent = 0;
    await start((socket) => {
      socket.on('message', (data: Buffer) => {
        if (String(data) !== 'yes') return socket.send(data);
        const more = (): void => {
          if (socket.readyState !== socket.OPEN || sent > 400e6) return;
          sent += block.length;
          socket.send(block, () => setImmediate(more));
        };
        more();
      });
    });
    const { socket } = await raw();
    socket.pause();
    socket.write(masked(0x81, 3, Buffer.from('yes')));
    await wait(300);
    const before = sent;
    const neighbour = await ground.browser(somebody('session-2'));
    neighbour.send('still there?');
    await once(neighbour, 'message');
    await wait(200);
    expect(sent - before).toBeLessThan(1e6);
    expect(sent).toBeLessThan(40e6);
    socket.destroy();
  });

  it('T77 an agent that breaks the framing, or never ends a message, costs its own terminal alone', async () => {
    const agents: Socket[] = [];
    agent = await startEchoAgent();
    ground = await relayGround({
      terminalSocket: async () => {
        const dialled = await agent.dial();
        agents.push(dialled);
        return dialled;
      },
    });
    const browser = await ground.browser();
    // what the agent's side of this socket would have sent: a frame masked as only a client's may be
    agents[0]?.emit('data', Buffer.from([0x82, 0x81, 0, 0, 0, 0, 0x61]));
    expect(await closeOf(browser)).toBe(CLOSE.agentLost);
    const second = await ground.browser();
    agents[1]?.emit('data', Buffer.from([0x82, 127, 0, 0, 0, 1, 0, 0, 0, 0]));
    expect(await closeOf(second)).toBe(CLOSE.agentLost);
    await settled(() => ground.relay.attached === 0);
  });
});

describe('the server says goodbye', () => {
  it('T10 signing out closes the sockets of that session alone, with 4001', async () => {
    await start();
    const [mine, also, other] = [
      await ground.browser(),
      await ground.browser(),
      await ground.browser(somebody('session-2')),
    ];
    ground.relay.signedOut('session-1');
    expect(await Promise.all([closeOf(mine), closeOf(also)])).toEqual([CLOSE.revoked, CLOSE.revoked]);
    expect(other.readyState).toBe(other.OPEN);
  });

  it('T10 a session that runs out closes with 4001', async () => {
    await start(undefined, { pingMs: 50 });
    const browser = await ground.browser(somebody('short', Date.now() + 200));
    expect(await closeOf(browser)).toBe(CLOSE.revoked);
  });

  it('T10 in the middle of a flood the goodbye stands between two frames', async () => {
    const block = Buffer.alloc(50_000, 'y');
    await start((socket) => {
      const more = (): void => {
        if (socket.readyState === socket.OPEN) socket.send(block, () => setImmediate(more));
      };
      more();
    });
    const browser = await ground.browser();
    let bytes = 0;
    browser.on('message', (data: Buffer) => {
      expect(data.length).toBe(block.length);
      bytes += data.length;
    });
    await settled(() => bytes > 2e6);
    ground.relay.signedOut('session-1');
    expect(await closeOf(browser)).toBe(CLOSE.revoked);
  });

  it.each([
    ['paused', CLOSE.ended],
    ['ended', CLOSE.ended],
    ['lost', CLOSE.agentLost],
  ] as const)('a lab that is %s closes with %i', async (why, code) => {
    await start();
    const browser = await ground.browser();
    ground.lab.closeAs(why, 'paused');
    expect(await closeOf(browser)).toBe(code);
  });

  it('an agent that vanishes is agentLost, and ended where its lab was being closed', async () => {
    await start();
    const browser = await ground.browser();
    for (const socket of agent.sockets) socket.terminate();
    expect(await closeOf(browser)).toBe(CLOSE.agentLost);
    const next = await ground.browser();
    ground.lab.become('pausing');
    for (const socket of agent.sockets) socket.terminate();
    expect(await closeOf(next)).toBe(CLOSE.ended);
  });

  it('closing the relay closes all with 4002, within its bound also where one hangs', async () => {
    await start();
    const browser = await ground.browser();
    const { socket } = await raw();
    socket.pause();
    const closed = closeOf(browser);
    const since = Date.now();
    await ground.relay.close();
    expect(await closed).toBe(CLOSE.restarting);
    expect(ground.relay.attached).toBe(0);
    expect(Date.now() - since).toBeLessThan(5000);
    expect((await raw()).head).toMatch(/^HTTP\/1.1 400 unavailable/);
    socket.destroy();
  });
});

describe('pings', () => {
  it('go to a quiet browser, which stays, and end one that answers none of two', async () => {
    await start(undefined, { pingMs: 40 });
    const alive = await ground.browser();
    const { socket: dead } = await raw();
    let pings = 0;
    alive.on('ping', () => pings++);
    dead.resume();
    await once(dead, 'close');
    await settled(() => pings >= 4);
    expect(alive.readyState).toBe(alive.OPEN);
  });

  it('stand between frames while an agent floods', async () => {
    const block = Buffer.alloc(30_000, 'y');
    await start(
      (socket) => {
        const more = (): void => {
          if (socket.readyState === socket.OPEN) socket.send(block, () => setImmediate(more));
        };
        more();
      },
      { pingMs: 20 },
    );
    const browser = await ground.browser();
    let pings = 0;
    browser.on('ping', () => pings++);
    browser.on('message', (data: Buffer) => expect(data.length).toBe(block.length));
    await settled(() => pings >= 5);
    expect(browser.readyState).toBe(browser.OPEN);
  });
});

it('F6 fifty reconnects leave nothing behind', async () => {
  await start();
  for (let i = 0; i < 50; i++) {
    const browser = await ground.browser();
    if (i % 2 === 0) browser.terminate();
    else browser.close();
  }
  await settled(() => ground.relay.attached === 0 && agent.sockets.size === 0);
});
