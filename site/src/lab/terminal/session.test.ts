import { createServer as listenHttp } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { WebSocketServer } from 'ws';
import type { WebSocket as Peer } from 'ws';
import type { FromAgent, Size } from '../../../../sandbox-server/contract/terminal.ts';
import { CLOSE } from '../constants.ts';
import { createServer } from '../server.ts';
import { createSession, inWords } from './session.ts';
import type { Screen, Session } from './session.ts';

/** Patient: the machine may be busy. */
const eventually = (check: () => void): Promise<void> => vi.waitFor(check, { timeout: 15_000 });

const ending: (() => void)[] = [];
afterEach(() => ending.splice(0).forEach((end) => end()));

interface Hello {
  from: number;
  mode: string;
  size: Size;
}
interface Place {
  readonly origin: string;
  readonly hellos: Hello[];
  readonly heard: { type: string; offset?: number }[];
  readonly typed: Buffer[];
  readonly protocols: string[];
  readonly peers: Peer[];
  refuse: { status: number; body: string } | null;
}

/** A real HTTP and WebSocket server that gives tickets and lets the test play the agent. */
async function place(onHello: (peer: Peer, hello: Hello) => void): Promise<Place> {
  const here: Place = {
    origin: '',
    hellos: [],
    heard: [],
    typed: [],
    protocols: [],
    peers: [],
    refuse: null,
  };
  const http = listenHttp((_, response) => {
    if (here.refuse !== null) response.writeHead(here.refuse.status).end(here.refuse.body);
    else response.writeHead(200, { 'content-type': 'application/json' }).end('{"ticket":"t1"}');
  });
  const sockets = new WebSocketServer({ server: http });
  sockets.on('connection', (peer, request) => {
    here.peers.push(peer);
    here.protocols.push(request.headers['sec-websocket-protocol'] ?? '');
    peer.on('message', (data: Buffer, binary) => {
      if (binary) return void here.typed.push(data);
      const message = JSON.parse(data.toString()) as { type: string } & Hello;
      here.heard.push(message);
      if (message.type !== 'hello') return;
      here.hellos.push(message);
      onHello(peer, message);
    });
  });
  await new Promise<void>((done) => http.listen(0, '127.0.0.1', done));
  ending.push(() => {
    for (const peer of sockets.clients) peer.terminate();
    http.close();
  });
  return Object.assign(here, { origin: `127.0.0.1:${String((http.address() as AddressInfo).port)}` });
}

function screen(): Screen & {
  bytes: number[];
  notes: string[];
  sizes: Size[];
  hold: boolean;
  queue: (() => void)[];
} {
  let size: Size = { cols: 80, rows: 24 };
  return {
    bytes: [],
    notes: [],
    sizes: [],
    hold: false,
    queue: [],
    write(bytes, drawn) {
      this.bytes.push(...bytes);
      if (this.hold) this.queue.push(drawn);
      else queueMicrotask(drawn);
    },
    size: () => size,
    resize(to) {
      size = to;
      this.sizes.push(to);
    },
    note(text) {
      this.notes.push(text);
    },
  };
}

const welcome = (start: number, end: number, more: Partial<FromAgent & { type: 'welcome' }> = {}): string =>
  JSON.stringify({
    type: 'welcome',
    boot: 'b',
    start,
    end,
    dropped: 0,
    size: { cols: 80, rows: 24 },
    writer: true,
    prompt: { state: 'idle' },
    ...more,
  });

function begin(
  here: Place,
  on = screen(),
  onCaughtUp = () => undefined as unknown,
): { session: Session; on: ReturnType<typeof screen> } {
  const session = createSession({
    server: createServer(fetch, `http://${here.origin}`),
    lab: 'lab',
    name: '1',
    screen: on,
    origin: `ws://${here.origin}`,
    onChange: () => undefined,
    onCaughtUp,
  });
  ending.push(() => session.close());
  return { session, on };
}

describe('a terminal session', () => {
  it('offers the protocol and the ticket, begins at the newest screenful', async () => {
    const here = await place((peer) => peer.send(welcome(0, 0)));
    const { session } = begin(here);
    await eventually(() => expect(session.link).toEqual({ at: 'live', writer: true }));
    expect(here.protocols).toEqual(['palestra.terminal.v1, ticket.t1']);
    expect(here.hellos).toEqual([{ type: 'hello', from: -1, size: { cols: 80, rows: 24 }, mode: 'write' }]);
  });

  it('F4 goes on at the exact byte after each of many cuts', async () => {
    const log = Uint8Array.from({ length: 3000 }, (_, i) => (i * 7) % 256);
    let cuts = 0;
    const here = await place((peer, { from }) => {
      const start = Math.max(from, 0);
      peer.send(welcome(start, Math.min(start + 50, log.length)));
      const upTo = cuts < 8 ? start + 123 + cuts * 31 : log.length;
      for (let at = start; at < upTo; at += 40) peer.send(log.subarray(at, Math.min(at + 40, upTo)));
      // a killed server says no goodbye
      if (cuts++ < 8) setTimeout(() => peer.terminate(), 5);
    });
    const { on, session } = begin(here);
    const hurry = setInterval(() => session.link.at === 'cut' && session.dial(), 10);
    ending.push(() => clearInterval(hurry));
    await eventually(() => expect(on.bytes.length).toBe(log.length));
    expect(Uint8Array.from(on.bytes)).toEqual(log);
    expect(here.hellos.length).toBeGreaterThan(8);
  });

  it('acknowledges only what was drawn', async () => {
    const here = await place((peer) => {
      peer.send(welcome(0, 0));
      peer.send(Buffer.alloc(5000));
    });
    const on = screen();
    on.hold = true;
    const { session } = begin(here, on);
    await eventually(() => expect(on.bytes.length).toBe(5000));
    await new Promise((done) => setTimeout(done, 60));
    expect(here.heard.filter((m) => m.type === 'ack')).toEqual([]);
    on.hold = false;
    on.queue.splice(0).forEach((drawn) => drawn());
    await eventually(() =>
      expect(here.heard.filter((m) => m.type === 'ack').at(-1)).toEqual({ type: 'ack', offset: 5000 }),
    );
    expect(session.replaying).toBe(false);
  });

  it('credits flow: a megabyte is acknowledged in steps below the agent’s smallest window', async () => {
    const here = await place((peer) => {
      peer.send(welcome(0, 0));
      for (let i = 0; i < 128; i++) peer.send(Buffer.alloc(8192));
    });
    begin(here);
    await eventually(() => expect(here.heard.at(-1)).toEqual({ type: 'ack', offset: 1 << 20 }));
    const offsets = here.heard.filter((m) => m.type === 'ack').map((m) => m.offset ?? 0);
    const steps = offsets.map((offset, i) => offset - (offsets[i - 1] ?? 0));
    expect(Math.max(...steps)).toBeLessThanOrEqual(32 * 1024);
  });

  it('T61 finding 5: answers a query of a replay with nothing, a live one as it should', async () => {
    const here = await place((peer) => {
      peer.send(welcome(0, 10));
      peer.send(Buffer.alloc(10));
    });
    const on = screen();
    on.hold = true;
    const { session } = begin(here, on);
    await eventually(() => expect(on.bytes.length).toBe(10));
    expect(session.type('\x1b[?1;2c')).toBe('replay');
    expect(session.type('ls\r')).toBe('sent');
    on.hold = false;
    on.queue.splice(0).forEach((drawn) => drawn());
    expect(session.type('\x1b[?1;2c')).toBe('sent');
    await eventually(() => expect(Buffer.concat(here.typed).toString()).toBe('ls\r\x1b[?1;2c'));
  });

  it('a viewer types nothing, resizes nothing, and may take over', async () => {
    const here = await place((peer) => peer.send(welcome(0, 0, { writer: false })));
    const { session, on } = begin(here);
    await eventually(() => expect(session.link).toEqual({ at: 'live', writer: false }));
    expect(session.type('x')).toBe('viewer');
    on.resize({ cols: 100, rows: 30 });
    session.resized();
    session.takeOver();
    await eventually(() => expect(here.heard.map((m) => m.type)).toEqual(['hello', 'take', 'resize']));
    here.peers[0]?.send('{"type":"writer","writer":true}');
    await eventually(() => expect(session.type('x')).toBe('sent'));
  });

  it('after losing the pen to another tab it reconnects as a viewer', async () => {
    const here = await place((peer, hello) => peer.send(welcome(0, 0, { writer: hello.mode === 'write' })));
    const { session } = begin(here);
    await eventually(() => expect(session.link.at).toBe('live'));
    here.peers[0]?.send('{"type":"writer","writer":false}');
    await eventually(() => expect(session.link).toEqual({ at: 'live', writer: false }));
    here.peers[0]?.terminate();
    await eventually(() => expect(here.hellos.at(-1)?.mode).toBe('read'));
  });

  it('keys typed while cut are not sent, then or later', async () => {
    const here = await place((peer) => peer.send(welcome(0, 0)));
    const { session } = begin(here);
    await eventually(() => expect(session.link.at).toBe('live'));
    here.peers[0]?.terminate();
    await eventually(() => expect(session.link.at).toBe('cut'));
    expect(session.type('rm -rf x\r')).toBe('cut');
    await eventually(() => expect(session.link.at).toBe('live'));
    session.type('y');
    await eventually(() => expect(Buffer.concat(here.typed).toString()).toBe('y'));
  });

  it('a final close is final', async () => {
    const here = await place((peer) => {
      peer.send(welcome(0, 0));
      peer.close(CLOSE.ended);
    });
    const { session } = begin(here);
    await eventually(() => expect(session.link.at).toBe('over'));
    await new Promise((done) => setTimeout(done, 400));
    expect(here.hellos.length).toBe(1);
  });

  it('T4 a long paste goes in messages below the limit, in order', async () => {
    const here = await place((peer) => peer.send(welcome(0, 0)));
    const { session } = begin(here);
    await eventually(() => expect(session.link.at).toBe('live'));
    const paste = 'abcdefghij'.repeat(20_000);
    session.type(paste);
    await eventually(() => expect(Buffer.concat(here.typed).length).toBe(paste.length));
    expect(Buffer.concat(here.typed).toString()).toBe(paste);
    expect(Math.max(...here.typed.map((m) => m.length))).toBeLessThan(64 * 1024);
  });

  it('says how much is gone, and where a viewer skipped', async () => {
    const here = await place((peer) => {
      peer.send(welcome(9_000_000, 9_000_000, { dropped: 3_500_000 }));
      peer.send('{"type":"skip","to":9500000}');
      peer.send(Buffer.from('end'));
    });
    const { on } = begin(here);
    await eventually(() => expect(on.bytes.length).toBe(3));
    expect(on.notes).toEqual([
      '3.5 MB of older output are no longer kept.',
      'Output was too fast to follow: 500 kB are not shown.',
    ]);
  });

  it('the screen may be fitted after the replay, never in it, and by no viewer', async () => {
    const here = await place((peer) => {
      peer.send(welcome(0, 4));
      peer.send(Buffer.from('past'));
    });
    const on = screen();
    on.hold = true;
    let caughtUp = 0;
    const { session } = begin(here, on, () => caughtUp++);
    await eventually(() => expect(on.bytes.length).toBe(4));
    expect([session.maySetSize, caughtUp]).toEqual([false, 0]);
    on.hold = false;
    on.queue.splice(0).forEach((drawn) => drawn());
    expect([session.maySetSize, caughtUp]).toEqual([true, 1]);
    here.peers[0]?.send('{"type":"writer","writer":false}');
    await eventually(() => expect(session.maySetSize).toBe(false));
  });

  it('applies resizes at their place in the stream', async () => {
    const here = await place((peer) => {
      peer.send(welcome(0, 2, { size: { cols: 132, rows: 40 } }));
      peer.send(Buffer.from('a'));
      peer.send('{"type":"resize","size":{"cols":90,"rows":20}}');
      peer.send(Buffer.from('b'));
    });
    const { on } = begin(here);
    await eventually(() =>
      expect(on.sizes).toEqual([
        { cols: 132, rows: 40 },
        { cols: 90, rows: 20 },
      ]),
    );
  });

  it('refused for good says the server’s sentence; after an exit a new dial asks for a new shell', async () => {
    const here = await place((peer) => {
      peer.send(welcome(0, 0));
      peer.send('{"type":"exit","code":3}');
    });
    const { session, on } = begin(here);
    await eventually(() => expect(session.prompt).toEqual({ state: 'exited', code: 3 }));
    await eventually(() => expect(on.notes[0]).toContain('status 3'));
    session.dial();
    await eventually(() => expect(here.hellos.length).toBe(2));
    here.refuse = { status: 404, body: '{"code":"not-found","message":"No such lab."}' };
    here.peers.at(-1)?.terminate();
    await eventually(() => expect(session.link).toEqual({ at: 'over', because: 'No such lab.' }));
  });

  it('says sizes in words', () => {
    expect([12, 4500, 1_500_000, 64_000_000].map(inWords)).toEqual(['12 bytes', '5 kB', '1.5 MB', '64 MB']);
  });
});
