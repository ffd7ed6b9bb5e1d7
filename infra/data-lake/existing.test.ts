import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer as createPlain, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { createServer, type Server } from 'node:tls';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ErrorLine, ServiceAddress, ServiceStatus } from '../../sandbox-server/contract/service.ts';
import { selfSigned } from '../machine/testing/self-signed.ts';
import { addressIn, statusOf } from './existing.ts';
import { lakePlace } from './place.ts';
import { listenToPods } from './steward/for-pods.ts';

const run = promisify(execFile);
const HOST = 'rucio.example.org';
let folder = '';
let server: Server;
let port = 0;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'palestra-existing-'));
  const { key, cert } = await selfSigned(folder, HOST, 'DNS');
  server = createServer({ key, cert });
  // a handshake that is cut is the test's own doing
  server.on('tlsClientError', () => undefined).listen(0, '127.0.0.1');
  await once(server, 'listening');
  port = (server.address() as AddressInfo).port;
});
afterAll(async () => {
  server.close();
  await rm(folder, { recursive: true });
});

const address = (over: object = {}) => ({
  ca: join(folder, 'ca.pem'),
  issuer: 'https://iam.example.org/',
  endpoints: [{ host: HOST, port: 31447, to: { host: '127.0.0.1', port } }],
  audiences: ['rucio'],
  ...over,
});
async function file(value: unknown): Promise<string> {
  const path = join(folder, 'address.json');
  await writeFile(path, typeof value === 'string' ? value : JSON.stringify(value));
  return path;
}
async function command(
  value: unknown,
  ...words: readonly string[]
): Promise<{ code: number; last: unknown }> {
  const argv = [join(import.meta.dirname, 'existing.ts'), await file(value), ...words, '--json'];
  const said = await run(process.execPath, argv).catch(
    (error: unknown) => error as { code: number; stdout: string },
  );
  const lines = said.stdout.trim().split('\n');
  return { code: 'code' in said ? said.code : 0, last: JSON.parse(lines.at(-1) ?? 'null') };
}

/** What listens to pods, before a steward that says what it was asked. */
async function farSteward() {
  const place = lakePlace({ root: folder, port: 1024, idp: folder, asRoot: false, temporary: folder });
  const certificates = { ...place.authority.certificates };
  certificates.rucio = { ...certificates.rucio, cert: join(folder, 'ca.pem'), key: join(folder, 'key.pem') };
  const authority = { ...place.authority, certificates };
  const listening = await listenToPods(
    { ...place, authority, stewardPort: 0 },
    (request, response) =>
      void text(request).then((said) =>
        response.end(
          JSON.stringify({ path: request.url, body: JSON.parse(said) as unknown, account: 'ada' }),
        ),
      ),
    'the-token',
  );
  const token = join(folder, 'steward');
  await writeFile(token, 'the-token\n');
  const to = { host: '127.0.0.1', port: (listening.address() as AddressInfo).port };
  return {
    far: { host: HOST, to, token },
    [Symbol.asyncDispose]: async () => void (await promisify(listening.close.bind(listening))()),
  };
}

describe('a data lake that is already there', () => {
  it('says where it is as it was told', async () => {
    const { code, last } = await command(address(), 'address');
    expect(code).toBe(0);
    expect(ServiceAddress.parse(last)).toMatchObject(address());
  });

  it('is up when every endpoint answers by its name', async () => {
    const { last } = await command(address(), 'status');
    expect(ServiceStatus.parse(last)).toMatchObject({ state: 'up', parts: [{ name: HOST, ok: true }] });
    expect(await command(address(), 'up')).toEqual({ code: 0, last: { ready: true, seconds: 0 } });
  });

  it('is not up behind the certificate of somebody else, nor of an unknown authority', async () => {
    const other = await addressIn(
      await file(
        address({ endpoints: [{ host: 'fts.example.org', port: 31446, to: { host: '127.0.0.1', port } }] }),
      ),
    );
    expect((await statusOf(other)).state).toBe('down');
    expect((await statusOf({ ...other, ca: null })).state).toBe('down');
  });

  it('asks of one whose protocol begins without TLS that it listens', async () => {
    await using opened = new AsyncDisposableStack();
    const silent = createPlain((socket) => socket.destroy()).listen(0, '127.0.0.1');
    opened.defer(() => void silent.close());
    await once(silent, 'listening');
    const to = { host: '127.0.0.1', port: (silent.address() as AddressInfo).port };
    const endpoints = [...address().endpoints, { name: 'root-cnaf', host: HOST, port: 31471, to }];
    expect((await statusOf(await addressIn(await file(address({ endpoints }))))).state).toBe('partly');
    const plain = await addressIn(await file(address({ endpoints, plain: ['root-cnaf'] })));
    expect((await statusOf(plain)).state).toBe('up');
  });

  it('is partly up where one of two does not answer, and starting it says so', async () => {
    const endpoints = [
      ...address().endpoints,
      { host: 'fts.example.org', port: 31446, to: { host: '127.0.0.1', port: 1 } },
    ];
    expect((await statusOf(await addressIn(await file(address({ endpoints }))))).state).toBe('partly');
    const { code, last } = await command(address({ endpoints }), 'up');
    expect(code).toBe(1);
    expect(ErrorLine.parse(last).error).toMatchObject({ code: 'unavailable' });
  });

  it.each(['down', 'reset', 'admit', 'dismiss', 'verb'])('refuses %s: it is run by others', async (verb) => {
    const { code, last } = await command(address(), verb);
    expect(code).toBe(1);
    expect(ErrorLine.parse(last).error.message).toContain('run by others');
  });

  it.each([
    [['admit', '--user', 'ada', '--sub', 'x1'], '/admit', { user: 'ada', sub: 'x1' }],
    [['dismiss', '--user', 'ada'], '/dismiss', { user: 'ada' }],
    [
      ['verb', 'refuse', '--user', 'ada', 'element=CNAF_USERDISK'],
      '/verb',
      { name: 'refuse', user: 'ada', arguments: { element: 'CNAF_USERDISK' } },
    ],
  ])('asks the steward of a lake that is ours, with its token: %j', async (words, path, body) => {
    await using steward = await farSteward();
    expect(await command(address({ far: steward.far }), ...words)).toEqual({
      code: 0,
      last: { path, body, account: 'ada' },
    });
  });

  it('says so where the steward takes another token, and where there is none', async () => {
    await using steward = await farSteward();
    const other = { ...steward.far, token: join(folder, 'other') };
    await writeFile(other.token, 'another-one');
    const words = ['dismiss', '--user', 'ada'];
    const refused = await command(address({ far: other }), ...words);
    expect(ErrorLine.parse(refused.last).error).toMatchObject({ code: 'forbidden' });
    const gone = { ...steward.far, to: { host: '127.0.0.1', port: 1 } };
    const silent = await command(address({ far: gone }), ...words);
    expect(ErrorLine.parse(silent.last).error).toMatchObject({ code: 'unavailable' });
  });

  it.each([
    ['no JSON', 'endpoints: []', /not JSON/],
    [
      'an address instead of a name',
      { ca: null, endpoints: [{ host: '192.0.2.1', port: 31447, to: { host: 'x', port: 1 } }] },
      /endpoints\.0\.host/,
    ],
    ['a relative authority', { ca: 'ca.pem', endpoints: [] }, /ca: an absolute path/],
  ])('names what does not fit: %s', async (_, value, sentence) => {
    await expect(addressIn(await file(value))).rejects.toThrow(sentence);
  });
  it('names a file that is not there', async () => {
    await expect(addressIn(join(folder, 'none.json'))).rejects.toThrow('none.json cannot be read');
  });
});
