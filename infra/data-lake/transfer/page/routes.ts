/** The page of the queue and what it reads; needs no token: it shows what Rucio shows to everybody. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { App, Rooms } from '../rest/app.ts';
import { metricsText } from './metrics.ts';

const POLICY =
  "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'self'";
const FILES = {
  'queue.css': 'text/css; charset=utf-8',
  'queue.js': 'text/javascript; charset=utf-8',
} as const;

/** What FTS3 3.12 answers to whoever asks its version. */
const VERSION = {
  api: { major: 3, minor: 12, patch: 0 },
  core: { major: 3, minor: 12, patch: 0 },
  schema: { major: 8, minor: 0, patch: 1 },
  delegation: { major: 1, minor: 0, patch: 0 },
  server: 'palestra transfer service',
  _links: { 'fts:whoami': { href: '/whoami' }, 'fts:jobs': { href: '/jobs' } },
};

export function pageRoutes(app: App, { snapshots, queue }: Rooms): void {
  // read before privileges are dropped
  const read = (name: string) => readFileSync(join(import.meta.dirname, name));
  const html = read('index.html');

  app.get('/', (request, reply) => {
    if (!/\btext\/html\b/.test(request.headers.accept ?? '')) return reply.send(VERSION);
    return reply.type('text/html; charset=utf-8').header('content-security-policy', POLICY).send(html);
  });
  for (const [name, type] of Object.entries(FILES)) {
    const body = read(name);
    app.get(`/${name}`, (_request, reply) =>
      reply.type(type).header('content-security-policy', POLICY).send(body),
    );
  }
  app.get('/queue.json', () => snapshots.take());
  app.get('/metrics', async (_request, reply) =>
    reply.type('text/plain; version=0.0.4').send(metricsText(await snapshots.take(), queue.meter.total)),
  );
}
