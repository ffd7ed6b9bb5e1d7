import { brotliCompressSync, gzipSync, brotliDecompressSync } from 'node:zlib';
import { createHash } from 'node:crypto';
import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { request } from 'node:http';
import type { IncomingMessage } from 'node:http';
import { once } from 'node:events';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { edgeGround } from './testing/edge-ground.ts';
import type { EdgeGround } from './testing/edge-ground.ts';

const PAGE = '<!doctype html><script>one()</script><h1>Home</h1>';
const BROWSER = { accept: 'text/html,*/*', 'sec-fetch-site': 'none' };
let ground: EdgeGround;
beforeAll(async () => {
  ground = await edgeGround({
    site: {
      'index.html': PAGE,
      '404.html': '<h1>Nothing here</h1>',
      'courses/index.html': '<h1>Courses</h1>',
      '_astro/a.B3x.js': 'let a',
      'favicon.svg': '<svg/>',
      '.secret': 'x',
    },
  });
  await writeFile(join(ground.site, 'index.html.br'), brotliCompressSync(PAGE));
  await writeFile(join(ground.site, 'index.html.gz'), gzipSync(PAGE));
  await writeFile(join(ground.site, '_astro/a.B3x.js.br'), brotliCompressSync('let a'));
});
afterAll(() => ground[Symbol.asyncDispose]());

describe('the built site', () => {
  it('is served with a policy that knows this page’s inline script', async () => {
    const home = await ground.ask('/', { headers: BROWSER });
    expect(home).toMatchObject({
      status: 200,
      body: PAGE,
      headers: { 'content-type': 'text/html; charset=utf-8', 'cache-control': 'no-cache' },
    });
    const hash = createHash('sha256').update('one()').digest('base64');
    expect(home.headers['content-security-policy']).toContain(`'sha256-${hash}'`);
    expect(
      (await ground.ask('/courses/', { headers: BROWSER })).headers['content-security-policy'],
    ).not.toContain('sha256');
  });
  it('comes compressed where the twin is there, with the same policy', async () => {
    const sent = request({
      host: '127.0.0.1',
      port: ground.url.port,
      path: '/',
      headers: { host: ground.url.host, 'accept-encoding': 'br, gzip' },
    }).end();
    const [answer] = (await once(sent, 'response')) as [IncomingMessage];
    const bytes = Buffer.concat((await answer.toArray()) as Buffer[]);
    expect(answer.headers).toMatchObject({
      'content-encoding': 'br',
      'content-type': 'text/html; charset=utf-8',
    });
    expect(answer.headers['content-security-policy']).toContain("'sha256-");
    expect(brotliDecompressSync(bytes).toString()).toBe(PAGE);
    const gz = await ground.ask('/', { headers: { 'accept-encoding': 'gzip' } });
    expect(gz.headers['content-encoding']).toBe('gzip');
    expect(
      (await ground.ask('/favicon.svg', { headers: { 'accept-encoding': 'br' } })).headers[
        'content-encoding'
      ],
    ).toBe(undefined);
  });
  it('lets hashed names live for ever, and others be asked again', async () => {
    const asset = await ground.ask('/_astro/a.B3x.js', { headers: { 'accept-encoding': 'br' } });
    expect(asset.headers).toMatchObject({
      'cache-control': 'public, max-age=31536000, immutable',
      'content-encoding': 'br',
    });
    expect((await ground.ask('/favicon.svg')).headers['cache-control']).toBe('no-cache');
    const { etag } = (await ground.ask('/favicon.svg')).headers;
    expect((await ground.ask('/favicon.svg', { headers: { 'if-none-match': etag } })).status).toBe(304);
  });
  it('leads a folder without its slash to the page', async () => {
    expect(await ground.ask('/courses', { headers: BROWSER })).toMatchObject({
      status: 301,
      headers: { location: '/courses/' },
    });
  });
  it('says 404 with the site’s own page to a person, in JSON to a program', async () => {
    expect(await ground.ask('/nothing/', { headers: BROWSER })).toMatchObject({
      status: 404,
      body: '<h1>Nothing here</h1>',
    });
    expect(
      (await ground.ask('/nothing/', { headers: BROWSER })).headers['content-security-policy'],
    ).toContain("frame-ancestors 'self'");
    expect((await ground.ask('/nothing/')).json).toMatchObject({ code: 'not-found' });
    expect((await ground.ask('/api/nothing', { headers: BROWSER })).json).toMatchObject({
      code: 'not-found',
    });
  });
  it.each([
    '/.secret',
    '/../package.json',
    '/%2e%2e/package.json',
    '/courses/..%2f.secret',
    '/_astro//a.B3x.js',
    '/courses\\index.html',
  ])('T31 gives nothing away by %s', async (path) => {
    expect((await ground.ask(path)).status).toBeGreaterThanOrEqual(400);
  });
  it('asks nobody to sign in and counts nobody', async () => {
    expect((await ground.ask('/')).headers['x-ratelimit-limit']).toBe(undefined);
  });
});

it('a site that is not built yet says so, looks again, and appears by itself', async () => {
  await using early = await edgeGround();
  const page = await early.ask('/courses/dask/', { headers: BROWSER });
  expect(page).toMatchObject({ status: 503, headers: { 'retry-after': '2' } });
  expect(page.body).toContain('The site is being built');
  expect(page.body).toContain('http-equiv="refresh"');
  expect((await early.ask('/api/session')).status).toBe(200);
  await writeFile(join(early.site, 'index.html'), PAGE);
  expect(await early.ask('/', { headers: BROWSER })).toMatchObject({ status: 200, body: PAGE });
  await rm(join(early.site, 'index.html'));
  expect((await early.ask('/')).status).toBe(503);
});
