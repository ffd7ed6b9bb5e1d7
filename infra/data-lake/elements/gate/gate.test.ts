/** A gate before a small storage server of the test's own: streams, ends, and what happens when one side leaves. */
import { once } from 'node:events';
import { mkdir, readFile } from 'node:fs/promises';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { connect } from 'node:tls';
import { setTimeout as delay } from 'node:timers/promises';
import { dirname, join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { ensureAuthority } from '../../authority/authority.ts';
import { layOut } from '../../find-place.ts';
import { lakePlace, type ElementPlace, type LakePlace } from '../../place.ts';
import { ask, begin, replyOf } from '../testing/client.ts';
import { removeFaults, writeFault } from '../fault-folder.ts';
import { forgetPlace, testPlace } from '../testing/lake.ts';
import { openAccessLog, readAccess, type AccessEntry, type AccessLog } from './access-log.ts';
import { createGate } from './gate.ts';

type Answerer = (req: IncomingMessage, res: ServerResponse) => void;

let place: LakePlace;
beforeAll(async () => {
  const { root, port, idp } = await testPlace();
  place = lakePlace({ root, port, idp, asRoot: false, temporary: root });
  await layOut(place);
  await ensureAuthority(place);
});
afterAll(() => forgetPlace(place));

describe('a gate', () => {
  let storage: Server;
  let gate: ReturnType<typeof createGate>;
  let log: AccessLog;
  let element: ElementPlace;
  let answer: Answerer;
  let hasRoom = true;
  const logFile = () => join(place.root, 'log', 'access.jsonl');

  beforeEach(async () => {
    hasRoom = true;
    answer = (_, res) => res.end('stored');
    storage = createServer({ insecureHTTPParser: true }, (req, res) => answer(req, res));
    storage.on('checkContinue', (req: IncomingMessage, res: ServerResponse) => answer(req, res));
    storage.listen(0, '127.0.0.1');
    await once(storage, 'listening');
    await mkdir(dirname(logFile()), { recursive: true });
    log = openAccessLog(logFile());
    const { cert, key, host } = place.authority.certificates.cnaf;
    gate = createGate({
      rse: 'CNAF_USERDISK',
      audience: { host, port: place.elements[0]?.port ?? 0, issuer: place.issuer },
      inner: (storage.address() as AddressInfo).port,
      peers: ['napoli.palestra.test:1'],
      tls: { cert: await readFile(cert), key: await readFile(key) },
      faults: join(place.root, 'faults'),
      log,
      tape: null,
      hasRoom: () => Promise.resolve(hasRoom),
    });
    gate.listen(0, '127.0.0.1');
    await once(gate, 'listening');
    const [cnaf] = place.elements;
    if (cnaf === undefined) throw new Error('no element');
    element = { ...cnaf, port: (gate.address() as AddressInfo).port };
  });
  afterEach(async () => {
    for (const server of [gate, storage]) {
      server.closeAllConnections();
      server.close();
    }
    await delay(5);
    log.close();
  });
  const put = (path: string, body: string | Buffer, headers: Record<string, string> = {}) =>
    ask(place, element, 'PUT', path, { body, headers });
  const entryOf = async (path: string): Promise<AccessEntry> => {
    for (;;) {
      const found = (await readAccess(logFile(), { user: 'st07' })).findLast((one) => one.path === path);
      if (found !== undefined) return found;
      await delay(10);
    }
  };

  it('passes what comes as it comes: markers of a copy before its end', async () => {
    answer = (_, res) => {
      res.writeHead(201, { 'X-Own': 'a', Digest: 'adler32=00000001' });
      res.write('Perf Marker\n');
      storage.once('go on', () => res.end('success: Created'));
    };
    const out = begin(place, element, 'COPY', '/rucio/user/st07/a', {
      headers: { Source: 'https://napoli.palestra.test:1/rucio/a' },
    });
    out.end();
    const [back] = (await once(out, 'response')) as [IncomingMessage];
    const [first] = (await once(back, 'data')) as [Buffer];
    expect(String(first)).toBe('Perf Marker\n');
    expect([back.statusCode, back.headers['x-own'], back.headers['digest']]).toEqual([
      201,
      'a',
      'adler32=00000001',
    ]);
    storage.emit('go on');
    const [last] = (await once(back, 'data')) as [Buffer];
    expect(String(last)).toBe('success: Created');
  });

  it('MKCOL and a PUT of nothing announce no content; a PUT of some asks first', async () => {
    const seen: Record<string, unknown>[] = [];
    answer = (req, res) => {
      const { host: _, connection: __, ...rest } = req.headers;
      seen.push({ method: req.method, ...rest });
      res.end();
    };
    await ask(place, element, 'MKCOL', '/rucio/user/st07/f');
    await put('/rucio/user/st07/empty', '');
    await put('/rucio/user/st07/a', 'abc');
    expect(seen).toEqual([
      { method: 'MKCOL', 'content-length': '0' },
      { method: 'PUT', 'content-length': '0' },
      { method: 'PUT', 'content-length': '3', expect: '100-continue' },
    ]);
  });

  it('content of unknown length goes on in chunks', async () => {
    answer = (req, res) => {
      res.writeContinue();
      void collect(req).then((text) => res.end(`${req.headers['transfer-encoding']} ${text}`));
    };
    const out = begin(place, element, 'PUT', '/rucio/user/st07/a', {
      headers: { 'Transfer-Encoding': 'chunked' },
    });
    const reply = replyOf(out);
    out.write('ab');
    out.end('cd');
    expect((await reply).text).toBe('chunked abcd');
  });

  it('T64 holds no content: a slow storage slows the client down', async () => {
    let taken = 0;
    answer = (req, res) => {
      res.writeContinue();
      req.once('data', (part: Buffer) => {
        taken += part.length;
        req.pause();
        storage.once('go on', () => {
          req.on('data', (more: Buffer) => (taken += more.length));
          req.resume();
          req.once('end', () => res.end('all'));
        });
      });
    };
    const size = 64_000_000;
    const out = begin(place, element, 'PUT', '/rucio/user/st07/a', {
      headers: { 'Content-Length': String(size) },
    });
    const reply = replyOf(out);
    let written = 0;
    const piece = Buffer.alloc(64_000);
    const fill = () => {
      while (written < size) {
        written += piece.length;
        if (!out.write(piece)) return void out.once('drain', fill);
      }
      out.end();
    };
    fill();
    await delay(700);
    // what the kernel and the streams hold between four sockets, and far from all of it
    expect(written).toBeLessThan(30_000_000);
    storage.emit('go on');
    expect((await reply).text).toBe('all');
    expect(taken).toBe(size);
    expect(await entryOf('/rucio/user/st07/a')).toMatchObject({ in: size, status: 200 });
  });

  it('an answer that breaks off breaks off for the client, and the log says so', async () => {
    answer = (_, res) => {
      res.writeHead(200, { 'Content-Length': '1000' });
      res.write('half');
      setTimeout(() => res.destroy(), 50);
    };
    await expect(ask(place, element, 'GET', '/rucio/user/st07/cut')).rejects.toThrow(/aborted|hang up/);
    expect(await entryOf('/rucio/user/st07/cut')).toMatchObject({ status: 200, out: 4, cut: true });
  });

  it('nobody behind it: 503, also for content that is on its way', async () => {
    storage.closeAllConnections();
    storage.close();
    await once(storage, 'close');
    for (const body of ['small', Buffer.alloc(3_000_000)]) {
      const reply = await put('/rucio/user/st07/a', body);
      expect([reply.status, reply.text]).toEqual([
        503,
        'CNAF_USERDISK does not answer: its storage server is down.\n',
      ]);
    }
  });

  it('a client that leaves takes its request with it', async () => {
    let left = false;
    answer = (req, res) => {
      res.writeContinue();
      req.on('error', () => undefined);
      res.once('close', () => (left = true));
      req.resume();
    };
    const out = begin(place, element, 'PUT', '/rucio/user/st07/gone', {
      headers: { 'Content-Length': '1000' },
    });
    out.on('error', () => undefined);
    out.write('some');
    await delay(200);
    out.destroy();
    expect(await entryOf('/rucio/user/st07/gone')).toMatchObject({ status: 0, cut: true });
    for (let i = 0; i < 200 && !left; i++) await delay(10);
    expect(left).toBe(true);
  });

  it('F16 no room on the machine: 507 before any content, reading goes on', async () => {
    hasRoom = false;
    const reply = await put('/rucio/user/st07/a', 'abc');
    expect([reply.status, reply.text]).toEqual([
      507,
      'CNAF_USERDISK is full: no space left on the device.\n',
    ]);
    expect((await ask(place, element, 'GET', '/rucio/user/st07/a')).text).toBe('stored');
    expect((await ask(place, element, 'DELETE', '/rucio/user/st07/a')).status).toBe(200);
  });

  it('bytes that are no HTTP stand in the log too', async () => {
    const standing = {
      fault: { kind: 'garble', how: 'wire' },
      since: 0,
      until: Date.now() + 60_000,
    } as const;
    await writeFault(join(place.root, 'faults'), { rse: 'CNAF_USERDISK', user: 'st07' }, standing);
    await expect(ask(place, element, 'GET', '/rucio/user/st07/wire')).rejects.toThrow();
    expect(await entryOf('/rucio/user/st07/wire')).toMatchObject({
      status: 0,
      cut: true,
      faults: ['garble'],
    });
    expect((await ask(place, element, 'GET', '/rucio/user/st08/wire')).text).toBe('stored');
    await removeFaults(join(place.root, 'faults'), { rse: 'CNAF_USERDISK', user: 'st07' });
  });

  it('the line is there when the answer is', async () => {
    for (let i = 0; i < 20; i++) {
      await put(`/rucio/user/st07/line${i}`, 'x');
      const [last] = await readAccess(logFile(), { user: 'st07', limit: 1 });
      expect(last).toMatchObject({ path: `/rucio/user/st07/line${i}`, status: 200, out: 6 });
      expect(last).not.toHaveProperty('cut');
    }
  });

  it('an answer before all content has come is the answer', async () => {
    answer = (_, res) => {
      res.writeHead(403, { 'Content-Length': '2' });
      res.end('no');
    };
    const reply = await put('/rucio/user/st07/a', Buffer.alloc(5_000_000));
    expect([reply.status, reply.text]).toEqual([403, 'no']);
  });

  it('T65 bytes that are no HTTP end their own connection and nothing else', async () => {
    for (const bytes of [
      '\0\0\0\0',
      'GET /\r\n\r\n',
      'GET / HTTP/1.1\r\nContent-Length: x\r\n\r\n',
      `GET /${'a'.repeat(90_000)}`,
    ]) {
      const socket = connect({
        ...{ host: '127.0.0.1', port: element.port, servername: element.host },
        ca: await readFile(place.authority.ca),
      });
      await once(socket, 'secureConnect');
      socket.on('error', () => undefined);
      socket.end(bytes);
      socket.resume();
      await once(socket, 'close');
    }
    expect((await ask(place, element, 'GET', '/rucio/user/st07/a')).text).toBe('stored');
  });

  it('T66 what a request says of itself is bounded in the log, and one line', async () => {
    const claims = Buffer.from(
      JSON.stringify({ sub: `a\n\u001b[31m${'x'.repeat(9_000)}`, jti: 'y'.repeat(900) }),
    );
    answer = (_, res) => {
      res.statusCode = 403;
      res.end();
    };
    await ask(place, element, 'GET', '/rucio/user/st07/long', {
      token: `e30.${claims.toString('base64url')}.c2ln`,
    });
    const entry = await entryOf('/rucio/user/st07/long');
    expect(entry.who?.sub).toHaveLength(64);
    expect(entry.who).toMatchObject({ jti: 'yyyyyyyy', verified: false });
    expect((await readFile(logFile(), 'utf8')).includes('\u001b')).toBe(false);
  });
});

async function collect(req: IncomingMessage): Promise<string> {
  let text = '';
  for await (const part of req) text += String(part);
  return text;
}
