import { createServer as listenHttp } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { createServer } from '../server.ts';
import { createFiles, whyUnshown } from './files.ts';
import type { Files } from './files.ts';

const stored = new Map<string, { etag: string; bytes: Buffer; kind: string }>();
let files: Files;
const seen: string[] = [];

/** A small real store with ETags, as the contract describes the server's. */
const http = listenHttp((request, response) => {
  const url = new URL(request.url ?? '', 'http://x');
  const path = url.searchParams.get('path') ?? '';
  seen.push(`${request.method ?? ''} ${url.pathname} ${path}`);
  const chunks: Buffer[] = [];
  request.on('data', (chunk: Buffer) => chunks.push(chunk));
  request.on('end', () => {
    const known = stored.get(path);
    if (request.method === 'GET' && known !== undefined) {
      response
        .writeHead(200, {
          etag: known.etag,
          'x-palestra-kind': known.kind,
          'content-length': known.bytes.length,
        })
        .end(known.bytes);
      return;
    }
    const holds =
      request.headers['if-none-match'] === '*'
        ? known === undefined
        : request.headers['if-match'] === known?.etag;
    if (!holds)
      return void response.writeHead(412).end('{"code":"stale","message":"Somebody saved in between."}');
    stored.set(path, {
      etag: `"${String(stored.size)}${String(seen.length)}"`,
      bytes: Buffer.concat(chunks),
      kind: 'text',
    });
    response.writeHead(200).end(JSON.stringify({ etag: stored.get(path)?.etag }));
  });
});
beforeAll(async () => {
  await new Promise<void>((done) => http.listen(0, '127.0.0.1', done));
  files = createFiles(
    createServer(fetch, `http://127.0.0.1:${String((http.address() as AddressInfo).port)}`),
    'lab',
  );
});
afterAll(() => http.close());

it('writes, reads, and refuses a stale save with both versions kept (T34)', async () => {
  const { etag } = await files.write('a b/c&d.py', 'one', null);
  expect(await files.read('a b/c&d.py')).toEqual({ kind: 'text', etag, text: 'one' });
  const second = await files.write('a b/c&d.py', 'two', etag);
  await expect(files.write('a b/c&d.py', 'mine', etag)).rejects.toMatchObject({ code: 'stale' });
  expect(await files.read('a b/c&d.py')).toEqual({ kind: 'text', etag: second.etag, text: 'two' });
  await expect(files.write('a b/c&d.py', 'new', null)).rejects.toMatchObject({ code: 'stale' });
});

it('T35 of two saves at once one wins and the other is told', async () => {
  const { etag } = await files.write('two.py', 'zero', null);
  const both = await Promise.allSettled([files.write('two.py', 'a', etag), files.write('two.py', 'b', etag)]);
  expect(both.map((r) => r.status).sort()).toEqual(['fulfilled', 'rejected']);
});

it('does not fetch what is binary or large', async () => {
  stored.set('x.root', { etag: '"r"', bytes: Buffer.from([0, 1, 2]), kind: 'binary' });
  expect(await files.read('x.root')).toMatchObject({
    kind: 'unshown',
    why: expect.stringContaining('not text') as string,
  });
  expect(whyUnshown('text', 11 * 1024 * 1024)).toContain('12 MB');
  expect(whyUnshown('text', 10 * 1024 * 1024)).toBeNull();
});

it('escapes paths in addresses', () => {
  expect(files.downloadAddress('a&b=c/#d?.py')).toBe(
    '/api/labs/lab/files/content?path=a%26b%3Dc%2F%23d%3F.py',
  );
});
