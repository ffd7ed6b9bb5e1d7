/** Real elements that go wrong: for one learner by a fault, and for everybody by being stopped or full. */
import { execFile } from 'node:child_process';
import { readFile, readdir, stat } from 'node:fs/promises';
import { Agent } from 'node:https';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { setTimeout as delay } from 'node:timers/promises';
import { promisify } from 'node:util';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { stopServer } from '../part.ts';
import type { ElementPlace } from '../place.ts';
import { GATES } from './folders.ts';
import {
  corruptCopy,
  forgetLearner,
  healFaults,
  listFaults,
  readElementLog,
  setFault,
  startElement,
  stopElement,
} from './faults.ts';
import { startGates } from './part.ts';
import { ask, begin, copy, replyOf, urlOf, type Reply } from './testing/client.ts';
import { startTestLake, whyNoElements, type TestLake } from './testing/lake.ts';

const run = promisify(execFile);
const lacking = whyNoElements();

describe.skipIf(lacking !== null)(`faults of real elements${lacking === null ? '' : `: ${lacking}`}`, () => {
  let lake: TestLake;
  let cnaf: ElementPlace;
  let napoli: ElementPlace;
  let archive: ElementPlace;
  const tokens: Record<string, string> = {};
  beforeAll(async () => {
    lake = await startTestLake();
    [cnaf, napoli, archive] = [lake.element('cnaf'), lake.element('napoli'), lake.element('archive')];
    for (const user of ['st07', 'st07x', 'st08']) {
      tokens[user] = await lake.issuer.mint(user);
      for (const element of lake.place.elements) await put(element, user, 'file', `of ${user}`);
    }
  }, 180_000);
  afterAll(() => lake?.close());
  afterEach(async () => {
    for (const user of ['st07', 'st07x', 'st08']) await healFaults(lake.place, user);
  });

  function put(element: ElementPlace, user: string, name: string, body: string | Buffer): Promise<Reply> {
    return ask(lake.place, element, 'PUT', `/rucio/user/${user}/${name}`, { token: tokens[user], body });
  }
  function get(element: ElementPlace, user: string, name = 'file', agent?: Agent): Promise<Reply> {
    const question = { token: tokens[user], ...(agent === undefined ? {} : { agent }) };
    return ask(lake.place, element, 'GET', `/rucio/user/${user}/${name}`, question);
  }

  describe('of one learner', () => {
    it('refuse: theirs alone, at once, by every method, on open connections too', async () => {
      const agent = new Agent({ keepAlive: true, maxSockets: 1 });
      expect((await get(cnaf, 'st07', 'file', agent)).status).toBe(200);
      await setFault(lake.place, 'st07', 'CNAF_USERDISK', { kind: 'refuse', status: 503 });
      const refused = await get(cnaf, 'st07', 'file', agent);
      expect([refused.status, refused.headers['retry-after']]).toEqual([503, '30']);
      expect(refused.text).toBe('CNAF_USERDISK refuses requests for this folder.\n');
      for (const method of ['HEAD', 'PUT', 'DELETE', 'PROPFIND', 'MKCOL', 'COPY'])
        expect(
          (
            await ask(lake.place, cnaf, method, '/rucio/user/st07/other', {
              token: tokens['st07'],
              headers: method === 'COPY' ? { Source: urlOf(napoli, '/rucio/user/st07/file') } : {},
            })
          ).status,
          method,
        ).toBe(503);
      for (const user of ['st07x', 'st08'])
        expect((await get(cnaf, user, 'file', agent)).text).toBe(`of ${user}`);
      expect((await get(napoli, 'st07', 'file')).text).toBe('of st07');
      expect(await healFaults(lake.place, 'st07')).toBe(1);
      expect((await get(cnaf, 'st07', 'file', agent)).text).toBe('of st07');
      agent.destroy();
    });

    it('refuse: another spelling of the path is no way around', async () => {
      await setFault(lake.place, 'st07', 'cnaf', { kind: 'refuse', status: 500 });
      for (const path of ['//rucio//user//st07//file', '/rucio/user/%73t07/file', '/rucio/us%65r/st07/file'])
        expect((await ask(lake.place, cnaf, 'GET', path, { token: tokens['st07'] })).status, path).toBe(500);
      const away = await ask(lake.place, cnaf, 'MOVE', '/rucio/user/st08/file', {
        token: tokens['st08'],
        headers: { Destination: urlOf(cnaf, '/rucio/user/st07/file') },
      });
      expect(away.status).toBe(500);
    });

    it('refuse: a copy from there fails and says so, a copy elsewhere does not', async () => {
      await setFault(lake.place, 'st07', 'cnaf', { kind: 'refuse', status: 503 });
      const from = (user: string) => [cnaf, `/rucio/user/${user}/file`] as const;
      const to = (user: string) => [napoli, `/rucio/user/${user}/copied`] as const;
      expect((await copy(lake.place, from('st07'), to('st07'), tokens['st07'] ?? '')).text).toMatch(
        /failure:.*503/,
      );
      expect((await copy(lake.place, from('st08'), to('st08'), tokens['st08'] ?? '')).text).toMatch(
        /success/,
      );
    });

    it('slow: waits, and lets so many bytes a second through, both ways', async () => {
      await put(cnaf, 'st07', 'ten', Buffer.alloc(10_000, 'x'));
      await setFault(lake.place, 'st07', 'cnaf', { kind: 'slow', ms: 300, rate: 10_000 });
      const read = await timed(() => get(cnaf, 'st07', 'ten'));
      expect(read.value.body).toHaveLength(10_000);
      expect(read.ms).toBeGreaterThan(1_100);
      const written = await timed(() => put(cnaf, 'st07', 'ten', Buffer.alloc(10_000, 'y')));
      expect(written.value.status).toBe(200);
      expect(written.ms).toBeGreaterThan(1_100);
      expect((await timed(() => get(cnaf, 'st08'))).ms).toBeLessThan(1_100);
      expect(await readFile(join(cnaf.data, '/rucio/user/st07/ten'), 'utf8')).toBe('y'.repeat(10_000));
    });

    it('slow: who leaves meanwhile is let go', async () => {
      await setFault(lake.place, 'st07', 'cnaf', { kind: 'slow', ms: 60_000, rate: null });
      const since = Date.now();
      const out = begin(lake.place, cnaf, 'GET', '/rucio/user/st07/file', { token: tokens['st07'] ?? '' });
      out.on('error', () => undefined);
      out.end();
      await delay(500);
      out.destroy();
      const entry = await logged('st07', since);
      expect(entry).toMatchObject({ status: 0, cut: true, faults: ['slow'] });
    });

    it('garble: an answer that is none, and bytes that are no HTTP', async () => {
      await setFault(lake.place, 'st07', 'cnaf', { kind: 'garble', how: 'answer' });
      const answer = await get(cnaf, 'st07');
      expect([answer.status, answer.headers['content-type']]).toEqual([200, 'text/html']);
      expect(answer.text).not.toContain('of st07');
      const head = await ask(lake.place, cnaf, 'HEAD', '/rucio/user/st07/file', { token: tokens['st07'] });
      expect(head.headers['digest']).toBe('adler32=zzzzzzzz');
      expect((await put(cnaf, 'st07', 'garbled', 'x')).text).toContain('It works!');
      await setFault(lake.place, 'st07', 'cnaf', { kind: 'garble', how: 'wire' });
      await expect(get(cnaf, 'st07')).rejects.toThrow(/Parse Error|socket hang up|ECONNRESET/);
      await expect(put(cnaf, 'st07', 'garbled', 'x')).rejects.toThrow(
        /Parse Error|socket hang up|ECONNRESET/,
      );
      expect((await get(cnaf, 'st08')).text).toBe('of st08');
      expect(await readdir(join(cnaf.data, 'rucio/user/st07'))).not.toContain('garbled');
      const pulled = await copy(
        lake.place,
        [cnaf, '/rucio/user/st07/file'],
        [napoli, '/rucio/user/st07/garbled'],
        tokens['st07'] ?? '',
      );
      expect(pulled.text).toMatch(/failure:/);
    });

    it('full: nothing more comes in, what is there can be read and deleted', async () => {
      await put(cnaf, 'st07', 'last', 'x');
      await setFault(lake.place, 'st07', 'cnaf', { kind: 'full' });
      const refused = await put(cnaf, 'st07', 'more', 'x');
      expect([refused.status, refused.text]).toEqual([
        507,
        'CNAF_USERDISK is full: no space left on the device.\n',
      ]);
      expect(
        (
          await copy(
            lake.place,
            [napoli, '/rucio/user/st07/file'],
            [cnaf, '/rucio/user/st07/more'],
            tokens['st07'] ?? '',
          )
        ).status,
      ).toBe(507);
      expect((await get(cnaf, 'st07', 'last')).status).toBe(200);
      expect(
        (await ask(lake.place, cnaf, 'DELETE', '/rucio/user/st07/last', { token: tokens['st07'] })).status,
      ).toBe(200);
      expect((await put(cnaf, 'st08', 'more', 'x')).status).toBe(200);
    });

    it('outlive that the gates are started anew, and are told by the log', async () => {
      await setFault(lake.place, 'st07', 'napoli', { kind: 'refuse', status: 502 });
      await stopServer(lake.place, GATES);
      await startGates(lake.place);
      const since = Date.now();
      await until(async () => (await lake.part.health()).ok);
      expect((await get(napoli, 'st07')).status).toBe(502);
      expect((await get(napoli, 'st08')).status).toBe(200);
      expect(await listFaults(lake.place)).toMatchObject([{ user: 'st07', rse: 'NAPOLI_USERDISK' }]);
      expect(await logged('st07', since)).toMatchObject({
        status: 502,
        faults: ['refuse'],
        element: 'NAPOLI_USERDISK',
      });
      expect(await readElementLog(lake.place, 'st07', { since, element: 'cnaf' })).toEqual([]);
    });

    it('a corrupt copy has another checksum, and its element says so', async () => {
      const path = '/rucio/user/st07/file';
      const digest = async () =>
        (
          await ask(lake.place, cnaf, 'HEAD', path, {
            token: tokens['st07'],
            headers: { 'Want-Digest': 'adler32' },
          })
        ).headers['digest'];
      // at once: XRootD would believe its checksum of this very second
      await put(cnaf, 'st07', 'file', 'of st07');
      const before = await digest();
      await corruptCopy(lake.place, 'st07', 'cnaf', path);
      expect(before).toMatch(/^adler32=[0-9a-f]{8}$/);
      expect(await digest()).toMatch(/^adler32=[0-9a-f]{8}$/);
      expect(await digest()).not.toBe(before);
      expect((await get(cnaf, 'st07')).body).toHaveLength('of st07'.length);
      await put(cnaf, 'st07', 'file', 'of st07');
    });

    it('who is dismissed leaves nothing, and can come again', async () => {
      await put(cnaf, 'st08', 'deep/down/file', 'x');
      await forgetLearner(lake.place, 'st08');
      expect((await get(cnaf, 'st08')).status).toBe(404);
      expect((await get(cnaf, 'st07x')).status).toBe(200);
      for (const element of lake.place.elements)
        expect((await put(element, 'st08', 'file', 'of st08')).status).toBe(200);
    });
  });

  describe('tape', () => {
    it('waits before the first read, for everybody, and not before the next', async () => {
      const head = await timed(() =>
        ask(lake.place, archive, 'HEAD', '/rucio/user/st07/file', { token: tokens['st07'] }),
      );
      const first = await timed(() => get(archive, 'st07'));
      const second = await timed(() => get(archive, 'st07'));
      expect([head.value.status, first.value.text, second.value.text]).toEqual([200, 'of st07', 'of st07']);
      expect(first.ms).toBeGreaterThan(2_900);
      expect(head.ms).toBeLessThan(2_900);
      expect(second.ms).toBeLessThan(2_900);
      expect(await logged('st07', 0, 'archive')).not.toHaveProperty('staged');
    });
    it('a copy from there waits and succeeds', async () => {
      const to = [napoli, '/rucio/user/st07x/recalled'] as const;
      const recalled = await timed(() =>
        copy(lake.place, [archive, '/rucio/user/st07x/file'], to, tokens['st07x'] ?? ''),
      );
      expect(recalled.value.text).toMatch(/success: Created/);
      expect(recalled.ms).toBeGreaterThan(2_900);
      expect((await get(napoli, 'st07x', 'recalled')).text).toBe('of st07x');
    });
  });

  describe('of everybody', () => {
    it('F3 an element that is stopped: 503 with its name; health says so; it comes back with its files', async () => {
      await stopElement(lake.place, 'NAPOLI_USERDISK');
      const answer = await get(napoli, 'st07');
      expect([answer.status, answer.text]).toEqual([
        503,
        'NAPOLI_USERDISK does not answer: its storage server is down.\n',
      ]);
      expect(await lake.part.health()).toMatchObject({ ok: false, found: 'xrootd-napoli does not run' });
      expect((await get(cnaf, 'st07')).status).toBe(200);
      const pulled = await copy(
        lake.place,
        [napoli, '/rucio/user/st07/file'],
        [cnaf, '/rucio/user/st07/pulled'],
        tokens['st07'] ?? '',
      );
      expect(pulled.text).toMatch(/failure:.*503/);
      await startElement(lake.place, 'NAPOLI_USERDISK');
      expect((await get(napoli, 'st07')).text).toBe('of st07');
      expect((await lake.part.health()).ok).toBe(true);
    });

    it('an element stopped during an upload: no success is told, and the next try passes', async () => {
      const content = new PassThrough();
      const out = begin(lake.place, cnaf, 'PUT', '/rucio/user/st07/broken', {
        token: tokens['st07'] ?? '',
        headers: { 'Content-Length': '10000000' },
      });
      const reply = replyOf(out).then(
        ({ status }) => status,
        (error: Error) => error.message,
      );
      content.pipe(out);
      // XRootD writes what it has once its buffer of 1 MB is full
      content.write(Buffer.alloc(4_000_000));
      await until(async () => (await sizeOf(cnaf, '/rucio/user/st07/broken')) > 0);
      await stopElement(lake.place, 'cnaf');
      content.write(Buffer.alloc(1_000_000));
      expect([503, 'socket hang up', 'read ECONNRESET', 'write EPIPE']).toContain(await reply);
      content.destroy();
      out.destroy();
      await startElement(lake.place, 'cnaf');
      expect((await put(cnaf, 'st07', 'broken', Buffer.alloc(10_000, 'x'))).status).toBe(200);
      expect(await sizeOf(cnaf, '/rucio/user/st07/broken')).toBe(10_000);
    });

    it('an element stopped during a download: the client sees that it is cut', async () => {
      await put(cnaf, 'st07', 'large', Buffer.alloc(30_000_000, 'x'));
      const out = begin(lake.place, cnaf, 'GET', '/rucio/user/st07/large', { token: tokens['st07'] ?? '' });
      const since = Date.now();
      const got = new Promise<string>((done) => {
        out.once('error', (error) => done(error.message));
        out.once('response', (answer) => {
          answer.once('error', (error) => done(error.message));
          answer.once('end', () => done('whole'));
          // read a little, then no more until the element is down
          answer.once('data', () => {
            answer.pause();
            void stopElement(lake.place, 'cnaf').then(() => answer.resume());
          });
        });
      });
      out.end();
      expect(await got).toMatch(/aborted|hang up|ECONNRESET/);
      await startElement(lake.place, 'cnaf');
      expect(await logged('st07', since)).toMatchObject({ status: 200, cut: true });
      expect((await get(cnaf, 'st07', 'large')).body).toHaveLength(30_000_000);
    });

    it('an element stopped during a third-party copy: failure is told, and the copy passes afterwards', async () => {
      // far more than the kernel holds between XRootD, gate and the other side
      await put(cnaf, 'st07', 'large', Buffer.alloc(40_000_000, 'x'));
      await setFault(lake.place, 'st07', 'cnaf', { kind: 'slow', ms: 0, rate: 500_000 });
      const from = [cnaf, '/rucio/user/st07/large'] as const;
      const to = [napoli, '/rucio/user/st07/large'] as const;
      const under = copy(lake.place, from, to, tokens['st07'] ?? '').then(
        ({ text }) => text,
        (error: Error) => `failure: ${error.message}`,
      );
      await delay(1_500);
      await stopElement(lake.place, 'cnaf');
      expect(await under).toMatch(/failure/);
      await startElement(lake.place, 'cnaf');
      await healFaults(lake.place, 'st07');
      expect((await copy(lake.place, from, to, tokens['st07'] ?? '')).text).toMatch(/success/);
      expect((await get(napoli, 'st07', 'large')).body).toHaveLength(40_000_000);
    });

    it('T1 kill -9 of everything: start mends it, files and faults are there', async () => {
      await setFault(lake.place, 'st07', 'cnaf', { kind: 'full' });
      for (const name of await readdir(lake.place.folders.run)) {
        if (!/^(xrootd|root|gates)/.test(name) || !name.endsWith('.json')) continue;
        const { process: killed } = JSON.parse(
          await readFile(join(lake.place.folders.run, name), 'utf8'),
        ) as { process: { pid: number } };
        process.kill(killed.pid, 'SIGKILL');
      }
      await until(async () => !(await lake.part.health()).ok);
      await lake.part.start();
      expect((await get(cnaf, 'st07')).text).toBe('of st07');
      expect((await put(cnaf, 'st07', 'more', 'x')).status).toBe(507);
    });

    it('F16 a disk that is full: no success is told, the element goes on', async () => {
      await stopElement(lake.place, 'napoli');
      await run('mount', ['-t', 'tmpfs', '-o', 'size=4m,mode=700', 'tmpfs', napoli.data]);
      try {
        await startElement(lake.place, 'napoli');
        expect((await put(napoli, 'st07', 'small', 'x')).status).toBe(200);
        const large = await put(napoli, 'st07', 'large', Buffer.alloc(20_000_000)).then(
          ({ status }) => status,
          (error: Error) => error.message,
        );
        expect(large).not.toBe(200);
        expect(large).not.toBe(201);
        expect((await get(napoli, 'st07', 'small')).text).toBe('x');
        expect(
          (await ask(lake.place, napoli, 'DELETE', '/rucio/user/st07/large', { token: tokens['st07'] }))
            .status,
        ).toBeLessThan(500);
        expect((await put(napoli, 'st07', 'after', 'x')).status).toBe(200);
      } finally {
        await stopElement(lake.place, 'napoli');
        await run('umount', [napoli.data]);
        await startElement(lake.place, 'napoli');
      }
      expect((await get(napoli, 'st08')).status).toBe(200);
    });

    it('F19 the issuer is off: keys that were fetched are believed on', async () => {
      await lake.issuer.close();
      expect((await put(cnaf, 'st08', 'file', 'of st08')).status).toBe(200);
      expect((await get(cnaf, 'st08')).text).toBe('of st08');
    });
  });

  /** The newest line of the log, once it is there. */
  async function logged(user: string, since: number, element?: string): Promise<unknown> {
    const question = { since, limit: 1, ...(element === undefined ? {} : { element }) };
    await until(async () => (await readElementLog(lake.place, user, question)).length > 0);
    return (await readElementLog(lake.place, user, question))[0];
  }
});

async function timed<T>(work: () => Promise<T>): Promise<{ value: T; ms: number }> {
  const began = performance.now();
  const value = await work();
  return { value, ms: performance.now() - began };
}

async function sizeOf(element: ElementPlace, path: string): Promise<number> {
  return stat(join(element.data, path)).then(
    ({ size }) => size,
    () => 0,
  );
}

async function until(holds: () => Promise<boolean>, ms = 30_000): Promise<void> {
  for (const deadline = Date.now() + ms; !(await holds()); await delay(30))
    if (Date.now() > deadline) throw new Error('it never came to that');
}
