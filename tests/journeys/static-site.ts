/** The built site as any web host would serve it: files and nothing else, so `/api` is not there. */
import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { createServer, type ServerResponse } from 'node:http';
import { extname, join, resolve } from 'node:path';
import type { Browser } from 'playwright-core';
import { openBrowser } from '../world/browser.ts';
import { buildSite } from '../../sandbox-server/cli/site-build.ts';

const root = resolve(import.meta.dirname, '../..');
const types: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.css': 'text/css',
  '.js': 'text/javascript',
  '.json': 'application/json',
  '.svg': 'image/svg+xml',
  '.woff2': 'font/woff2',
  '.wasm': 'application/wasm',
};

export interface StaticSite {
  readonly url: string;
  readonly dist: string;
  readonly browser: Browser;
  close(): Promise<void>;
}

/** Builds only what is absent or stale. `PALESTRA_DIST` names a site that is built already. @returns its folder */
export async function builtSite(): Promise<string> {
  const given = process.env['PALESTRA_DIST'];
  if (given !== undefined) return given;
  await buildSite(root, (line) => process.stdout.write(`${line}\n`));
  return join(root, 'dist');
}

export async function openStaticSite(): Promise<StaticSite> {
  const dist = await builtSite();
  const server = createServer((request, response) => void answer(dist, request.url ?? '/', response));
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  const browser = await openBrowser();
  return {
    url: `http://localhost:${String(address.port)}`,
    dist,
    browser,
    async close() {
      await browser.close();
      server.closeAllConnections();
      await new Promise((done) => server.close(done));
    },
  };
}

async function answer(dist: string, address: string, response: ServerResponse): Promise<void> {
  const path = decodeURIComponent(new URL(address, 'http://site').pathname);
  const file = join(dist, path.endsWith('/') ? `${path}index.html` : path);
  const found = await isFile(file);
  const shown = found ? file : join(dist, '404.html');
  response.writeHead(found ? 200 : 404, {
    'content-type': types[extname(shown)] ?? 'application/octet-stream',
  });
  createReadStream(shown).pipe(response);
}

async function isFile(path: string): Promise<boolean> {
  try {
    return (await stat(path)).isFile();
  } catch (error) {
    if (error instanceof Error && 'code' in error && (error.code === 'ENOENT' || error.code === 'ENOTDIR'))
      return false;
    throw error;
  }
}
