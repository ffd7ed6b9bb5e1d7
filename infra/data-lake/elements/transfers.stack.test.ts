/** Real elements carry real files: odd names, empty ones, gigabytes, many learners at once; and certificates renewed. */
import { createHash, X509Certificate } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { mkdtemp, open, readFile, readdir, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect } from 'node:tls';
import { once } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ensureCertificate } from '../authority/authority.ts';
import { runningServer } from '../part.ts';
import type { ElementPlace } from '../place.ts';
import { signalServer } from '../testing/signal-server.ts';
import { GATES, serverOf } from './folders.ts';
import { ask, begin, copy, replyOf, urlOf } from './testing/client.ts';
import { startTestLake, whyNoElements, type TestLake } from './testing/lake.ts';

const lacking = whyNoElements();
const GIGABYTES = 2 * 1024 ** 3;

describe.skipIf(lacking !== null)(`files at real elements${lacking === null ? '' : `: ${lacking}`}`, () => {
  let lake: TestLake;
  let cnaf: ElementPlace;
  let napoli: ElementPlace;
  let token: string;
  beforeAll(async () => {
    lake = await startTestLake();
    [cnaf, napoli] = [lake.element('cnaf'), lake.element('napoli')];
    token = await lake.issuer.mint('st07');
    // a COPY makes no parents (trap 15), a PUT does
    expect((await ask(lake.place, napoli, 'MKCOL', '/rucio/user/st07', { token })).status).toBe(201);
  }, 180_000);
  afterAll(() => lake?.close());

  const digest = async (element: ElementPlace, path: string): Promise<unknown> =>
    (await ask(lake.place, element, 'HEAD', path, { token, headers: { 'Want-Digest': 'adler32' } })).headers[
      'digest'
    ];

  it.each([
    'plain.root',
    'with a space.root',
    ' two  spaces ',
    'caffè é il più 🛰 北.tdm',
    'caffè',
    'quotes\'"`$(id);&|.txt',
    'plus+and%percent.txt',
    '100%',
    '-dash',
    '...',
    '[brackets]{braces}',
    'a#b:c@d=e,f',
    'è'.repeat(127),
  ])('the name %j is the same at every step', async (name) => {
    const path = (leaf: string) => `/rucio/user/st07/names/${encodeURIComponent(leaf)}`;
    const temporary = `${name.slice(0, 100)}.rucio.upload`;
    expect((await ask(lake.place, cnaf, 'PUT', path(temporary), { token, body: name })).status).toBe(200);
    // as `rucio upload` does: a temporary name first, then MOVE
    const moved = await ask(lake.place, cnaf, 'MOVE', path(temporary), {
      token,
      headers: { Destination: urlOf(cnaf, path(name)) },
    });
    expect(moved.status, moved.text).toBe(201);
    expect(await readdir(join(cnaf.data, 'rucio/user/st07/names'))).toEqual([name]);
    const copied = await copy(
      lake.place,
      [cnaf, path(name)],
      [napoli, `/rucio/user/st07/${encodeURIComponent(name)}`],
      token,
    );
    expect(copied.text).toMatch(/success: Created/);
    const back = await ask(lake.place, napoli, 'GET', `/rucio/user/st07/${encodeURIComponent(name)}`, {
      token,
    });
    expect(back.text).toBe(name);
    expect((await ask(lake.place, cnaf, 'DELETE', path(name), { token })).status).toBe(200);
    expect(await readdir(join(cnaf.data, 'rucio/user/st07/names'))).toEqual([]);
  });

  it('a file of 0 bytes is stored, copied, read and has a checksum', async () => {
    const path = '/rucio/user/st07/empty';
    expect((await ask(lake.place, cnaf, 'PUT', path, { token, body: '' })).status).toBe(200);
    expect((await copy(lake.place, [cnaf, path], [napoli, path], token)).text).toMatch(/success: Created/);
    const read = await ask(lake.place, napoli, 'GET', path, { token });
    expect([read.status, read.body.length]).toEqual([200, 0]);
    expect([await digest(cnaf, path), await digest(napoli, path)]).toEqual([
      'adler32=00000001',
      'adler32=00000001',
    ]);
  });

  it('parts of a file: one range, several, beyond its end', async () => {
    const path = '/rucio/user/st07/ranges';
    await ask(lake.place, cnaf, 'PUT', path, { token, body: '0123456789' });
    const range = (text: string) =>
      ask(lake.place, cnaf, 'GET', path, { token, headers: { Range: `bytes=${text}` } });
    expect(await range('2-4')).toMatchObject({ status: 206, text: '234' });
    // XRootD alone answers the first of these by 206 and nothing, and breaks off in the third
    expect(await range('7-')).toMatchObject({ status: 206, text: '789' });
    expect(await range('-2')).toMatchObject({ status: 206, text: '89' });
    expect(await range('7-99')).toMatchObject({ status: 206, text: '789' });
    const beyond = await range('10-');
    expect([beyond.status, beyond.headers['content-range']]).toEqual([416, 'bytes */10']);
    const several = await range('0-1,8-9');
    expect(several.status).toBe(206);
    expect(several.headers['content-type']).toMatch(/^multipart\/byteranges/);
    expect(several.text).toMatch(/01[^]*89/);
  });

  it('content in chunks, of no announced length', async () => {
    const out = begin(lake.place, cnaf, 'PUT', '/rucio/user/st07/chunks', {
      token,
      headers: { 'Transfer-Encoding': 'chunked' },
    });
    const reply = replyOf(out);
    const pieces = Array.from({ length: 40 }, (_, i) => Buffer.alloc(1 + i * 1_777, i));
    for (const piece of pieces) out.write(piece);
    out.end();
    expect((await reply).status).toBe(200);
    expect(await readFile(join(cnaf.data, 'rucio/user/st07/chunks'))).toEqual(Buffer.concat(pieces));
  });

  it('2 GB pass through, whole, and the gate does not hold them', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'sparse-'));
    const path = '/rucio/user/st07/sparse';
    const local = join(folder, 'sparse');
    const file = await open(local, 'w');
    await file.write('the end', GIGABYTES - 7);
    await file.close();
    const memory = await mostMemoryWhile(async () => {
      const put = await ask(lake.place, cnaf, 'PUT', path, {
        token,
        body: createReadStream(local, { highWaterMark: 1_000_000 }),
        headers: { 'Content-Length': String(GIGABYTES) },
      });
      expect(put.status).toBe(200);
      expect((await stat(join(cnaf.data, path))).size).toBe(GIGABYTES);
      const pulled = await copy(lake.place, [cnaf, path], [napoli, path], token);
      expect(pulled.text).toMatch(/Perf Marker[^]*success: Created/);
      expect(await hashOf(napoli, path)).toEqual(await hashOfFile(local));
      expect(await digest(napoli, path)).toBe(await digest(cnaf, path));
    });
    // three passes of 2 GB: what is in flight, and what the collector has not taken yet
    expect(memory).toBeLessThan(400_000_000);
    for (const element of [cnaf, napoli]) await ask(lake.place, element, 'DELETE', path, { token });
    await rm(folder, { recursive: true });
  });

  it('28 learners at once, three files each: every one is stored under its own name', async () => {
    const users = Array.from({ length: 28 }, (_, i) => `st${String(i + 1).padStart(2, '0')}`);
    const tokens = await Promise.all(users.map((user) => lake.issuer.mint(user)));
    const all = users.flatMap((user, i) => [0, 1, 2].map((n) => ({ user, n, token: tokens[i] ?? '' })));
    const path = ({ user, n }: { user: string; n: number }) => `/rucio/user/${user}/aa/bb/file${n}`;
    const content = ({ user, n }: { user: string; n: number }) => Buffer.alloc(300_000, `${user}-${n} `);
    const stored = await Promise.all(
      all.map((one) => ask(lake.place, cnaf, 'PUT', path(one), { token: one.token, body: content(one) })),
    );
    expect(stored.map(({ status }) => status)).toEqual(all.map(() => 200));
    const read = await Promise.all(
      all.map((one) => ask(lake.place, cnaf, 'GET', path(one), { token: one.token })),
    );
    expect(read.every((reply, i) => reply.body.equals(content(all[i] ?? { user: '', n: 0 })))).toBe(true);
  });

  it('F18 a certificate that is renewed is shown to whoever comes next, and nothing is started anew', async () => {
    const before = await shown(cnaf);
    const { cert, key, host } = lake.place.authority.certificates.cnaf;
    await ensureCertificate(
      lake.place,
      { cert, key, host, user: lake.place.users.gate },
      Date.now() + 70 * 86_400_000,
    );
    const pid = await signalServer(lake.place, GATES, 'SIGHUP');
    for (let i = 0; i < 100 && (await shown(cnaf)) === before; i++) await delay(50);
    expect(await shown(cnaf)).not.toBe(before);
    expect((await runningServer(lake.place, GATES))?.pid).toBe(pid);
  });

  it('start is idempotent: what runs as it should goes on', async () => {
    // the certificate of the case before is new to the record, once
    await lake.part.start();
    const pids = async () =>
      Promise.all(
        [GATES, serverOf(cnaf), serverOf(napoli)].map(
          async (name) => (await runningServer(lake.place, name))?.pid,
        ),
      );
    const before = await pids();
    const began = performance.now();
    await lake.part.start();
    expect(await pids()).toEqual(before);
    expect(performance.now() - began).toBeLessThan(10_000);
  });

  async function shown(element: ElementPlace): Promise<string> {
    const socket = connect({
      ...{ host: '127.0.0.1', port: element.port, servername: element.host },
      ca: await readFile(lake.place.authority.ca),
    });
    await once(socket, 'secureConnect');
    const raw = socket.getPeerX509Certificate()?.raw ?? Buffer.alloc(0);
    socket.destroy();
    return new X509Certificate(raw).serialNumber;
  }

  /** How far the gates' resident memory goes above what it is now, in bytes. */
  async function mostMemoryWhile(work: () => Promise<void>): Promise<number> {
    const pid = (await runningServer(lake.place, GATES))?.pid ?? 'nobody';
    const now = async () =>
      Number(/^VmRSS:\s+(\d+) kB/m.exec(await readFile(`/proc/${pid}/status`, 'utf8'))?.[1]) * 1024;
    const before = await now();
    let most = before;
    let over = false;
    const watch = (async () => {
      for (; !over; await delay(200)) most = Math.max(most, await now());
    })();
    try {
      await work();
    } finally {
      over = true;
      await watch;
    }
    return most - before;
  }

  async function hashOfFile(file: string): Promise<[string, number]> {
    const hash = createHash('sha256');
    for await (const part of createReadStream(file, { highWaterMark: 4_000_000 }))
      hash.update(part as Buffer);
    return [hash.digest('hex'), (await stat(file)).size];
  }

  async function hashOf(element: ElementPlace, path: string): Promise<[string, number]> {
    const out = begin(lake.place, element, 'GET', path, { token });
    out.end();
    const [answer] = (await once(out, 'response')) as [AsyncIterable<Buffer>];
    const hash = createHash('sha256');
    let length = 0;
    for await (const part of answer) {
      hash.update(part);
      length += part.length;
    }
    return [hash.digest('hex'), length];
  }
});
