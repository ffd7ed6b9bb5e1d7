/** A portal just large enough to sign in at: the real provider under /idp and the real identity, on a port of the kernel's. */
import { readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Problem } from '../../contract/errors.ts';
import type { Store } from '../../store/index.ts';
import { testStore } from '../../store/testing/store.ts';
import { silentLog, type Log } from '../../telemetry/index.ts';
import type { Identity } from '../face.ts';
import { createIdentity, type IdentityOptions } from '../login/identity.ts';
import { createProvider, type DevelopmentProvider, type ProviderOptions } from '../provider/provider.ts';

export const COOKIE = 'portal';
const FLOW = 'portal_flow';
export const GROUPS: IdentityOptions['groups'] = {
  '*': { roles: ['learner'], labs: 3 },
  'icsc/palestra/instructors': { roles: ['learner', 'instructor'], labs: 6 },
  'icsc/palestra/authors': { roles: ['learner', 'author'], labs: 6 },
};

export interface Portal {
  readonly url: string;
  readonly folder: string;
  readonly store: Store;
  readonly identity: Identity;
  readonly provider: DevelopmentProvider | undefined;
  /** the address of the last callback, for replays */
  lastCallback(): URL | undefined;
  /** the development provider's client secrets, from its folder */
  secrets(): Readonly<Record<string, string>>;
  /** provider and identity anew from the same folder, as after a crash */
  restart(): Promise<void>;
  close(): Promise<void>;
}
export interface PortalOptions {
  readonly provider?: Partial<ProviderOptions>;
  /** instead of the development provider */
  readonly oidc?: IdentityOptions['oidc'];
  readonly identity?: Partial<IdentityOptions>;
  readonly log?: Log;
}

export async function startPortal(options: PortalOptions = {}): Promise<Portal> {
  const folder = await mkdtemp(join(tmpdir(), 'palestra-identity-'));
  const store = await testStore();
  const { server, url, serve } = await listen();
  const log = options.log ?? silentLog();
  let callback: URL | undefined;

  const begin = async (): Promise<{ provider: DevelopmentProvider | undefined; identity: Identity }> => {
    const provider =
      options.oidc === undefined
        ? await createProvider({
            issuer: `${url}/idp`,
            portal: url,
            folder: join(folder, 'idp'),
            log,
            ...options.provider,
          })
        : undefined;
    const oidc = options.oidc ?? provider?.oidc;
    if (oidc === undefined) throw new Error('neither a provider nor its address');
    const secret = provider === undefined ? {} : { clientSecret: provider.clientSecret };
    const identity = createIdentity({
      store,
      oidc,
      ...secret,
      groups: GROUPS,
      url,
      secretKey: Buffer.alloc(32, 7),
      log,
      sweepEvery: 0,
      ...options.identity,
    });
    serve((req, res) => {
      const target = new URL(req.url ?? '/', url);
      if (target.pathname.startsWith('/idp') && provider !== undefined) return provider.callback(req, res);
      if (target.pathname === '/auth/callback') callback = target;
      return answer(identity, target, req, res);
    });
    return { provider, identity };
  };

  let parts = await begin();
  const end = async () => {
    await parts.identity.close();
    await parts.provider?.close();
  };
  return {
    url,
    folder,
    store,
    get identity() {
      return parts.identity;
    },
    get provider() {
      return parts.provider;
    },
    lastCallback: () => callback,
    secrets: () =>
      JSON.parse(readFileSync(join(folder, 'idp', 'clients.json'), 'utf8')) as Record<string, string>,
    restart: async () => {
      await end();
      parts = await begin();
    },
    close: async () => {
      await new Promise((done) => server.close(done).closeAllConnections());
      await end();
      await store.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

type Handler = (req: IncomingMessage, res: ServerResponse) => Promise<void>;

async function listen(): Promise<{ server: Server; url: string; serve: (handler: Handler) => void }> {
  let handler: Handler = () => Promise.resolve();
  const server = createServer((req, res) => {
    handler(req, res).catch((error: unknown) => {
      const problem = error instanceof Problem ? error : new Problem('internal', String(error));
      if (!res.headersSent)
        res.writeHead(problem.code === 'unavailable' ? 503 : 401, { 'content-type': 'application/json' });
      res.end(JSON.stringify(problem.toBody()));
    });
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  const { port } = server.address() as AddressInfo;
  return { server, url: `http://localhost:${port}`, serve: (next) => (handler = next) };
}

async function answer(
  identity: Identity,
  target: URL,
  req: IncomingMessage,
  res: ServerResponse,
): Promise<void> {
  const cookies = cookiesOf(req);
  switch (target.pathname) {
    case '/auth/login': {
      const { location, flow } = await identity.begin(target.searchParams.get('next') ?? '/');
      res
        .writeHead(302, { location: location.href, 'set-cookie': `${FLOW}=${flow}; Path=/; HttpOnly` })
        .end();
      return;
    }
    case '/auth/callback': {
      const { cookie, next } = await identity.finish(target, cookies[FLOW]);
      res.writeHead(302, { location: next, 'set-cookie': `${COOKIE}=${cookie}; Path=/; HttpOnly` }).end();
      return;
    }
    default: {
      const signedIn = await identity.signedIn(cookies[COOKIE]);
      res
        .writeHead(200, { 'content-type': 'application/json' })
        .end(JSON.stringify(signedIn && identity.me(signedIn)));
    }
  }
}

function cookiesOf(req: IncomingMessage): Record<string, string> {
  const pairs = (req.headers.cookie ?? '').split('; ').map((pair): [string, string] => {
    const at = pair.indexOf('=');
    return [pair.slice(0, at), pair.slice(at + 1)];
  });
  return Object.fromEntries(pairs);
}
