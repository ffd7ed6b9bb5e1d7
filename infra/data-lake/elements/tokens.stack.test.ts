/** Real XRootD, real tokens: who may do what at an element, by which method, and what the log says of a refusal. */
import { access, mkdir, readFile, readdir, writeFile } from 'node:fs/promises';
import { execFile } from 'node:child_process';
import { networkInterfaces } from 'node:os';
import { connect } from 'node:net';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { Agent } from 'node:https';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { commandOf, lakeEnvironment } from '../inside.ts';
import type { ElementPlace } from '../place.ts';
import { idsOf } from '../users.ts';
import { readElementLog } from './faults.ts';
import { ask, begin, copy, replyOf, urlOf, type Reply } from './testing/client.ts';
import { startTestLake, whyNoElements, type TestLake } from './testing/lake.ts';
import { chown } from 'node:fs/promises';

const run = promisify(execFile);
const lacking = whyNoElements();

describe.skipIf(lacking !== null)(`tokens at real elements${lacking === null ? '' : `: ${lacking}`}`, () => {
  let lake: TestLake;
  let cnaf: ElementPlace;
  let napoli: ElementPlace;
  let token: string;
  beforeAll(async () => {
    lake = await startTestLake();
    [cnaf, napoli] = [lake.element('cnaf'), lake.element('napoli')];
    token = await lake.issuer.mint('st07');
  }, 180_000);
  afterAll(() => lake?.close());

  const at = (path: string) => join(cnaf.data, path);
  async function store(path: string, text = 'of somebody'): Promise<void> {
    const { uid, gid } = await idsOf('xrootd');
    await mkdir(dirname(at(path)), { recursive: true });
    await writeFile(at(path), text);
    await chown(dirname(at(path)), uid, gid);
    await chown(at(path), uid, gid);
  }
  const exists = (path: string) =>
    access(at(path)).then(
      () => true,
      () => false,
    );

  /** Every method on one path, each as that learner's client would send it. */
  const METHODS: Readonly<Record<string, (path: string, token?: string) => Promise<Reply>>> = {
    GET: (path, token) => ask(lake.place, cnaf, 'GET', path, { token }),
    HEAD: (path, token) => ask(lake.place, cnaf, 'HEAD', path, { token }),
    PROPFIND: (path, token) => ask(lake.place, cnaf, 'PROPFIND', path, { token, headers: { Depth: '0' } }),
    PUT: (path, token) => ask(lake.place, cnaf, 'PUT', `${path}.new`, { token, body: 'mine now' }),
    MKCOL: (path, token) => ask(lake.place, cnaf, 'MKCOL', `${path}.folder`, { token }),
    DELETE: (path, token) => ask(lake.place, cnaf, 'DELETE', path, { token }),
    'MOVE away': (path, token) =>
      ask(lake.place, cnaf, 'MOVE', path, {
        token,
        headers: { Destination: urlOf(cnaf, '/rucio/user/st07/x') },
      }),
    'MOVE onto': (path, token) =>
      ask(lake.place, cnaf, 'MOVE', '/rucio/user/st07/mine', {
        token,
        headers: { Destination: urlOf(cnaf, path) },
      }),
    COPY: (path, token) =>
      ask(lake.place, cnaf, 'COPY', `${path}.copy`, {
        token,
        headers: { Source: urlOf(napoli, '/rucio/user/st07/source'), Credential: 'none' },
      }),
  };
  const WRITES = ['PUT', 'MKCOL', 'DELETE', 'MOVE away', 'MOVE onto', 'COPY'];

  beforeEach(async () => {
    for (const user of ['st07', 'st07x', 'ada']) await store(`/rucio/user/${user}/file`);
    await store('/rucio/user/st07/mine', 'mine');
    await ask(lake.place, napoli, 'PUT', '/rucio/user/st07/source', { token, body: 'source' });
  });

  it.each(Object.keys(METHODS))('%s is allowed with the right token', async (method) => {
    for (const left of ['file.new', 'file.folder', 'file.copy', 'x'])
      await ask(lake.place, cnaf, 'DELETE', `/rucio/user/st07/${left}`, { token });
    const reply = await METHODS[method]?.('/rucio/user/st07/file', token);
    expect(reply?.status, reply?.text).toBeLessThan(300);
  });

  const BAD: Readonly<Record<string, [why: string, mint: () => Promise<string | undefined>]>> = {
    'no token': ['no-token', () => Promise.resolve(undefined)],
    'no JWT': ['not-a-token', () => Promise.resolve('hunter2')],
    expired: ['expired', () => lake.issuer.mint('st07', { exp: Math.floor(Date.now() / 1000) - 1 })],
    'of the future': [
      'not-yet',
      () => lake.issuer.mint('st07', { nbf: Math.floor(Date.now() / 1000) + 600 }),
    ],
    'of a wrong audience': [
      'wrong-audience',
      () => lake.issuer.mint('st07', { aud: ['rucio', napoli.host] }),
    ],
    'of a wrong issuer': ['wrong-issuer', () => lake.issuer.mint('st07', { iss: 'https://evil.example/' })],
    'without storage scopes': ['missing-scope', () => lake.issuer.mint('st07', { scope: 'openid profile' })],
    'signed by somebody else': ['signature', () => lake.issuer.forge('st07')],
  };
  it.each(Object.keys(BAD))('T57 a token %s opens nothing, and the log says why', async (name) => {
    const [why, mint] = BAD[name] ?? ['', () => Promise.resolve('')];
    const bad = await mint();
    const since = Date.now();
    for (const [method, send] of Object.entries(METHODS)) {
      const { status, text } = await send('/rucio/user/st07/file', bad);
      expect([401, 403], `${method}: ${status} ${text}`).toContain(status);
    }
    expect(await readFile(at('/rucio/user/st07/file'), 'utf8')).toBe('of somebody');
    expect(await readFile(at('/rucio/user/st07/mine'), 'utf8')).toBe('mine');
    const entries = await readElementLog(lake.place, 'st07', { element: 'cnaf', since });
    expect(entries.map((entry) => entry.why)).toEqual(Object.keys(METHODS).map(() => why));
    expect(entries.every((entry) => (entry.said ?? '').length > 20)).toBe(true);
  });

  it('a token that may only read writes nothing', async () => {
    const reader = await lake.issuer.mint('st07', { scope: 'openid storage.read:/' });
    for (const method of WRITES) {
      const reply = await METHODS[method]?.('/rucio/user/st07/file', reader);
      expect([401, 403], `${method} ${reply?.status}`).toContain(reply?.status);
    }
    expect((await METHODS['GET']?.('/rucio/user/st07/file', reader))?.text).toBe('of somebody');
  });

  it.each(['ada', 'st07x'])("T57 %s's files can be read and not changed", async (other) => {
    for (const method of WRITES) {
      const reply = await METHODS[method]?.(`/rucio/user/${other}/file`, token);
      expect([401, 403], `${method} ${reply?.status} ${reply?.text}`).toContain(reply?.status);
    }
    expect(await readdir(at(`/rucio/user/${other}`))).toEqual(['file']);
    expect(await readFile(at(`/rucio/user/${other}/file`), 'utf8')).toBe('of somebody');
    expect((await METHODS['GET']?.(`/rucio/user/${other}/file`, token))?.text).toBe('of somebody');
  });

  it('XRootD itself lets a prefix in: the gate is what stops it', async () => {
    // if this fails XRootD has mended it, and tokens.ts may go
    const { stdout } = await run('curl', [
      ...['-sS', '-o', '/dev/null', '-w', '%{http_code}', '-X', 'PUT', '--data-binary', 'mine now'],
      ...['-H', `Authorization: Bearer ${token}`, `http://127.0.0.1:${cnaf.inner}/rucio/user/st07x/hole`],
    ]);
    expect(stdout).toBe('200');
    expect(await exists('/rucio/user/st07x/hole')).toBe(true);
    await ask(lake.place, cnaf, 'DELETE', '/rucio/user/st07x/hole', {
      token: await lake.issuer.mint('st07x'),
    });
  });

  it.each([
    '/rucio/user/st07/../ada/file',
    '/rucio/user/st07/%2e%2e/ada/file',
    '/rucio/user/st07%2f..%2fada/file',
    '/rucio/user/st07/%252e%252e/ada/file',
    '/rucio/user/st07/./../ada/file',
    '/rucio/user/st07/a%00/../../ada/file',
    '/rucio/user/st07\\..\\ada\\file',
  ])('T31 %s is refused by every method', async (path) => {
    for (const [method, send] of Object.entries(METHODS)) {
      if (method === 'MOVE onto') continue;
      expect((await send(path, token)).status, method).toBe(400);
    }
    const moved = await METHODS['MOVE onto']?.(path, token);
    expect(moved?.status).toBe(400);
    expect(await readdir(at('/rucio/user/ada'))).toEqual(['file']);
  });

  it('double slashes are one, for XRootD and for us', async () => {
    const others = await ask(lake.place, cnaf, 'PUT', '//rucio//user///ada//new', { token, body: 'x' });
    expect(others.status).toBe(403);
    const own = await ask(lake.place, cnaf, 'PUT', '//rucio//user///st07//new', { token, body: 'x' });
    expect(own.status).toBe(200);
    expect(await exists('/rucio/user/st07/new')).toBe(true);
  });

  it('T57 a token in the address is no token, and stands in no log', async () => {
    const since = Date.now();
    const path = `/rucio/user/st07/file?authz=Bearer%20${token}`;
    expect((await ask(lake.place, cnaf, 'GET', path)).status).toBe(403);
    const [entry] = await readElementLog(lake.place, 'st07', { element: 'cnaf', since });
    expect(entry).toMatchObject({ why: 'token-in-address', path: '/rucio/user/st07/file' });
    // and beside another one it does not count either
    const good = await lake.issuer.mint('ada');
    const both = `/rucio/user/ada/new?authz=Bearer%20${good}`;
    expect((await ask(lake.place, cnaf, 'PUT', both, { token, body: 'x' })).status).toBe(403);
  });

  it('two learners on one connection are told apart', async () => {
    const agent = new Agent({ keepAlive: true, maxSockets: 1 });
    const ada = await lake.issuer.mint('ada');
    for (let i = 0; i < 3; i++) {
      const first = await ask(lake.place, cnaf, 'PUT', '/rucio/user/ada/both', {
        token: ada,
        body: 'ada',
        agent,
      });
      const second = await ask(lake.place, cnaf, 'PUT', '/rucio/user/ada/both', {
        token,
        body: 'st07',
        agent,
      });
      const third = await ask(lake.place, cnaf, 'GET', '/rucio/user/ada/both', { agent });
      expect([first.status, second.status, third.status]).toEqual([200, 403, 403]);
    }
    agent.destroy();
    await ask(lake.place, cnaf, 'DELETE', '/rucio/user/ada/both', { token: ada });
  });

  it('a name of a header in small letters is the same header', async () => {
    const reply = await ask(lake.place, cnaf, 'GET', '/rucio/user/st07/file', {
      headers: { authorization: `Bearer ${token}`, 'want-digest': 'adler32', range: 'bytes=3-5' },
    });
    expect([reply.status, reply.text]).toEqual([206, 'som']);
  });

  it('who waits for 100 Continue is refused before any content', async () => {
    const out = begin(lake.place, cnaf, 'PUT', '/rucio/user/ada/large', {
      token,
      headers: { Expect: '100-continue', 'Content-Length': '1000000000' },
    });
    let continued = false;
    out.once('continue', () => (continued = true));
    out.flushHeaders();
    const reply = await replyOf(out);
    out.destroy();
    expect([reply.status, continued]).toEqual([403, false]);
  });

  it('who does not wait is refused all the same, and the element goes on', async () => {
    const reply = await ask(lake.place, cnaf, 'PUT', '/rucio/user/ada/large', {
      token,
      body: Buffer.alloc(20_000_000),
    });
    expect(reply.status).toBe(403);
    expect((await METHODS['GET']?.('/rucio/user/st07/file', token))?.status).toBe(200);
  });

  it.each([
    'http://127.0.0.1:22/',
    'https://169.254.169.254/latest/meta-data',
    'file:///etc/passwd',
    'https://localhost:4747/api/labs',
  ])('no element fetches %s for a learner', async (Source) => {
    const reply = await ask(lake.place, cnaf, 'COPY', '/rucio/user/st07/got', { token, headers: { Source } });
    expect(reply.status).toBe(403);
    expect(await exists('/rucio/user/st07/got')).toBe(false);
  });

  it('T77 hosts and paths longer than XRootD looks at do it no harm', async () => {
    const long = 'x'.repeat(8_000);
    const replies = [
      await ask(lake.place, cnaf, 'GET', '/rucio/user/st07/file', { token, headers: { Host: long } }),
      await ask(lake.place, cnaf, 'MOVE', '/rucio/user/st07/file', {
        token,
        headers: { Host: long, Destination: `https://${long}/rucio/user/st07/moved` },
      }),
      await ask(lake.place, cnaf, 'GET', `/rucio/user/st07/${long}`, { token }),
      await ask(lake.place, cnaf, 'GET', '/rucio/user/st07/%', { token }),
    ];
    expect(replies.map((reply) => reply.status)).toEqual([200, 201, 400, 400]);
    expect((await lake.part.health()).ok).toBe(true);
  });

  it('T57 no log holds a token', async () => {
    for (const name of await readdir(lake.place.folders.log, { recursive: true, withFileTypes: true })) {
      if (!name.isFile()) continue;
      const text = await readFile(join(name.parentPath, name.name), 'utf8');
      const parts = token.split('.');
      for (const part of parts) expect(text.includes(part.slice(0, 40)), name.name).toBe(false);
      expect(text, name.name).not.toMatch(/eyJ[\w-]{20,}\.eyJ/);
    }
  });

  it('T69 storage servers turn away whoever does not come from this machine', async () => {
    const own = Object.values(networkInterfaces())
      .flat()
      .find((one) => one !== undefined && !one.internal && one.family === 'IPv4')?.address;
    if (own === undefined) return;
    for (const port of [cnaf.inner, cnaf.rootPort ?? 0]) expect(await talks(own, port)).toBe(false);
    expect(await talks('127.0.0.1', cnaf.inner)).toBe(true);
    await expect(talks(own, cnaf.port)).rejects.toThrow('ECONNREFUSED');
  });

  it('gates have given up root, and their folder is theirs alone', async () => {
    const record = JSON.parse(await readFile(join(lake.place.folders.run, 'gates.json'), 'utf8')) as {
      process: { pid: number };
    };
    const status = await readFile(`/proc/${record.process.pid}/status`, 'utf8');
    const { uid } = await idsOf(lake.place.users.gate ?? '');
    expect(status).toMatch(new RegExp(`^Uid:\\s+${uid}\\s+${uid}\\s+${uid}\\s+${uid}$`, 'm'));
    expect(status).toMatch(/^Groups:\s*\d*\s*$/m);
    expect(status).toMatch(/^CapEff:\s+0+$/m);
  });

  describe('root://', () => {
    const url = () => `root://${cnaf.host}:${cnaf.rootPort}/`;
    async function client(words: readonly string[], bearer: string | undefined = token): Promise<string> {
      const [program = '', ...args] = commandOf(lake.place, { argv: words, user: null });
      const env = {
        ...lakeEnvironment(lake.place),
        ...(bearer === undefined ? {} : { BEARER_TOKEN: bearer }),
      };
      return run(program, args, { env, timeout: 60_000 }).then(
        ({ stdout }) => stdout,
        (error: unknown) => `failed: ${(error as { stderr: string }).stderr}`,
      );
    }
    it('reads with a token, over TLS', async () => {
      expect(await client(['xrdfs', url(), 'ls', '/rucio/user/ada'])).toBe('/rucio/user/ada/file\n');
      expect(await client(['xrdcp', '-s', `${url()}/rucio/user/ada/file`, '-'])).toBe('of somebody');
      expect(await client(['xrdfs', url(), 'query', 'checksum', '/rucio/user/ada/file'])).toContain(
        'adler32',
      );
    });
    it.each(['expired', 'of a wrong audience', 'signed by somebody else'])(
      'refuses a token %s',
      async (name) => {
        const bad = await BAD[name]?.[1]();
        expect(await client(['xrdfs', url(), 'ls', '/rucio/user/ada'], bad)).toMatch(/^failed/);
      },
    );
    it('refuses who has none', async () => {
      expect(await client(['xrdfs', url(), 'ls', '/rucio/user/ada'], '')).toMatch(/^failed/);
    });
    it('writes nothing, also not where the token may', async () => {
      const said = await client(['xrdcp', '-s', '/etc/hostname', `${url()}/rucio/user/st07/by-root`]);
      expect(said).toMatch(/^failed/);
      expect(await client(['xrdfs', url(), 'rm', '/rucio/user/st07/file'])).toMatch(/^failed/);
      expect(await client(['xrdfs', url(), 'mkdir', '/rucio/user/st07x/hole'])).toMatch(/^failed/);
      expect(await exists('/rucio/user/st07/by-root')).toBe(false);
      expect(await exists('/rucio/user/st07/file')).toBe(true);
    });
  });

  it('copies pass with the right token only', async () => {
    const from = [napoli, '/rucio/user/st07/source'] as const;
    const to = [cnaf, '/rucio/user/st07/pulled'] as const;
    const good = await copy(lake.place, from, to, token);
    expect(good.text).toMatch(/success: Created\s*$/);
    const blind = await copy(lake.place, from, to, token, { TransferHeaderAuthorization: 'Bearer x' });
    expect(blind.text).toMatch(/failure:.*403/);
  });
});

/** Whether a server answers anything at all there. */
function talks(host: string, port: number): Promise<boolean> {
  return new Promise((done, fail) => {
    const socket = connect(port, host, () => socket.write('OPTIONS / HTTP/1.1\r\nHost: x\r\n\r\n'));
    socket.setTimeout(5_000, () => socket.destroy());
    socket.once('data', () => {
      done(true);
      socket.destroy();
    });
    socket.once('error', (error: NodeJS.ErrnoException) => {
      if (error.code === 'ECONNRESET') done(false);
      else fail(error);
    });
    socket.once('close', () => done(false));
  });
}
