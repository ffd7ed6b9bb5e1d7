/**
 * The development identity provider under its https name, as a process of its own: `serve.ts SETTINGS.json`. It
 * shares keys, clients, people and tokens with the portal's provider, so the lake's tokens can be verified and asked
 * about when the portal is down. Nobody signs in here: sandboxes reach it, and it knows no passwords.
 */
import { readFile } from 'node:fs/promises';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer } from 'node:https';
import { z } from 'zod';
import { createProvider, prepareProvider } from '../../../sandbox-server/identity/index.ts';
import { createLog } from '../../../sandbox-server/telemetry/index.ts';
import { bearerOf, endedToken } from './ended-token.ts';

export const Settings = z.object({
  issuer: z.url(),
  /** address to listen on */
  host: z.string(),
  port: z.number().int(),
  cert: z.string(),
  key: z.string(),
  /** keys, clients and database of the provider */
  folder: z.string(),
  second: z.object({
    issuer: z.string(),
    audiences: z.array(z.string()),
    servers: z.array(
      z.object({ client: z.string(), audiences: z.array(z.string()), scopes: z.array(z.string()) }),
    ),
  }),
});
export type Settings = z.infer<typeof Settings>;

/** more than a class and all daemons ask at once, and a bound */
const AT_ONCE = 500;
const REQUEST_MS = 15_000;
/** RFC 8414's address of the same document: SciTokens' library asks there too */
const OTHER_DISCOVERY = '/.well-known/oauth-authorization-server';

/** What lessons on expiry ask for. */
const ENDED = '/expired';

const settings = Settings.parse(JSON.parse(await readFile(process.argv[2] ?? '', 'utf8')));
const log = createLog({ level: 'info' });
const provider = await createProvider({
  issuer: settings.issuer,
  portal: settings.issuer,
  folder: settings.folder,
  log,
  trailingSlash: true,
  signIn: false,
  second: settings.second,
});
const [cert, key, { key: signing }] = await Promise.all([
  readFile(settings.cert),
  readFile(settings.key),
  prepareProvider(settings.folder),
]);
const server = createServer({ cert, key, requestTimeout: REQUEST_MS }, (request, response) => {
  answer(request, response).catch((error: unknown) => {
    log.error({ err: error }, 'the issuer failed');
    if (!response.headersSent) response.writeHead(500);
    response.end();
  });
});
server.maxConnections = AT_ONCE;
for (const signal of ['SIGTERM', 'SIGINT'] as const)
  process.once(signal, () => {
    server.close(() => void provider.close());
    server.closeAllConnections();
  });
server.listen(settings.port, settings.host, () => log.info({ port: settings.port }, 'the issuer listens'));

async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const began = performance.now();
  // the path alone: a query may hold a token
  const path = request.url?.split('?')[0] ?? '';
  response.once('finish', () =>
    log.info(
      {
        method: request.method,
        path,
        status: response.statusCode,
        ms: Math.round(performance.now() - began),
      },
      'asked',
    ),
  );
  if (path === ENDED) return giveEnded(request, response);
  // whoever joins `iss`, which ends in a slash, and a path by another slash means the same address
  const url = (request.url ?? '/').replace(/^\/+/, '/');
  request.url = url === OTHER_DISCOVERY ? '/.well-known/openid-configuration' : url;
  await provider.callback(request, response);
}

async function giveEnded(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const shown = bearerOf(request.headers.authorization);
  const ended = await endedToken(shown, signing.jwk, settings.issuer);
  response.writeHead(ended === null ? 401 : 200, {
    'Content-Type': 'text/plain',
    'Cache-Control': 'no-store',
  });
  response.end(ended ?? 'Show a good token of this issuer, as Authorization: Bearer.\n');
}
