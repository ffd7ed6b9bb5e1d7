/** The entry: one address for site, interface, sockets, previews and the development provider. */
import { readFileSync } from 'node:fs';
import type { IncomingMessage, ServerResponse } from 'node:http';
import cookie from '@fastify/cookie';
import helmet from '@fastify/helmet';
import fastify from 'fastify';
import { serializerCompiler, validatorCompiler } from 'fastify-type-provider-zod';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import { Problem } from '../contract/errors.ts';
import { api } from './api.ts';
import type { App, Rooms } from './app.ts';
import { apiDocs } from './docs.ts';
import { createEventStreams } from './event-streams.ts';
import { createHosts } from './hosts.ts';
import type { Hosts } from './hosts.ts';
import { LIMITS } from './limits.ts';
import type { RequestLimits } from './limits.ts';
import { listen, refuseUnsafeAddress } from './listening.ts';
import type { Listener } from './listening.ts';
import { listenForMetrics } from './metrics.ts';
import { bodyOf, statusOf, toProblem } from './problems.ts';
import { ANY_HOST, healthRoutes } from './routes/health.ts';
import { staticSite } from './static-site.ts';
import { createUpgrades } from './upgrades.ts';

export interface EdgeOptions extends Rooms {
  /** the built site, `dist`; may appear later */
  readonly siteFolder: string;
  readonly limits?: RequestLimits;
  /** the development provider, served under /idp */
  readonly idp?: Pick<Callback, 'callback'>;
}
interface Callback {
  callback(request: IncomingMessage, response: ServerResponse): unknown;
}
export interface Route {
  readonly method: string;
  readonly url: string;
}
export interface Edge {
  /** @returns the address browsers use */
  listen(): Promise<string>;
  /** every route of the interface, for tests that leave none out */
  readonly routes: readonly Route[];
  /** tells pages that it goes, closes sockets with 4002, stops within 5 s; closes relay and previews as well */
  close(): Promise<void>;
}
const IDP = '/idp';
const GRACE_MS = 3000;
const BODY_LIMIT = 256 * 1024;
/** Browsers send some thirty; Node stops counting at 2,000 without a word (T6). */
const MOST_HEADERS = 100;

/** Throws Problem `forbidden` where it should listen to a network without real logins (T69). */
export async function createEdge(options: EdgeOptions): Promise<Edge> {
  refuseUnsafeAddress(options.config);
  const { config, identity, log, relay, previews } = options;
  const state: { hosts: Hosts; listener: Listener | null; metrics: Listener | null; stopping: boolean } = {
    hosts: createHosts(config.port, config.url),
    listener: null,
    metrics: null,
    stopping: false,
  };
  const hosts = (): Hosts => state.hosts;
  const streams = createEventStreams(options.labs);
  const upgrades = createUpgrades(options, hosts);
  const counts = new Map<string, number>();
  const gauges = { read: () => ({ ...Object.fromEntries(counts), ...readings() }) };

  const app = await createApp(options, hosts, counts);
  const routes: Route[] = [];
  app.addHook('onRoute', ({ method, url }) => {
    routes.push(...[method].flat().map((one) => ({ method: one, url })));
  });
  await apiDocs(app, version());
  healthRoutes(app, options, gauges, () => state.stopping);
  await app.register((scope: App) =>
    api(scope, { rooms: options, hosts, streams, version: version(), limits: options.limits ?? LIMITS }),
  );
  await staticSite(app, options.siteFolder, hosts);
  await app.ready();

  const signedOut = identity.onSignedOut((session) => {
    relay.signedOut(session);
    previews.signedOut(session);
    streams.signedOut(session);
  });

  function readings(): Record<string, number> {
    return {
      palestra_terminals: relay.attached,
      palestra_previews: previews.underWay,
      palestra_event_streams: streams.size,
      process_resident_memory_bytes: process.memoryUsage.rss(),
      process_uptime_seconds: Math.floor(process.uptime()),
    };
  }

  const answer = createAnswer(app, options, hosts);
  return {
    routes,
    async listen() {
      if (config.metrics !== undefined)
        state.metrics = await listenForMetrics(config.metrics, gauges, options.driver);
      state.listener = await listen(config, { request: answer, upgrade: upgrades.take });
      state.hosts = createHosts(state.listener.port, config.url);
      return state.hosts.portal.origin;
    },
    async close() {
      if (state.stopping) return;
      state.stopping = true;
      signedOut[Symbol.dispose]();
      streams.close();
      upgrades.close();
      await Promise.all([relay.close(), previews.close(), state.listener?.close(GRACE_MS)]);
      await state.metrics?.close(GRACE_MS);
      await app.close();
      log.debug('the edge is closed');
    },
  };
}

async function createApp({ log }: Rooms, hosts: () => Hosts, counts: Map<string, number>): Promise<App> {
  const app = fastify({
    bodyLimit: BODY_LIMIT,
    routerOptions: { maxParamLength: 200 },
  }).withTypeProvider<ZodTypeProvider>();
  app.setValidatorCompiler(validatorCompiler).setSerializerCompiler(serializerCompiler);
  app.decorateRequest('who', null);
  app.setErrorHandler((error, request, reply) => {
    const problem = toProblem(error);
    if (problem.code === 'internal')
      log.error({ err: error, route: request.routeOptions.url }, 'a request failed');
    const retryAfter = problem.details?.['retryAfter'];
    if (typeof retryAfter === 'number') void reply.header('retry-after', String(retryAfter));
    return reply.code(statusOf(problem.code)).type('application/json; charset=utf-8').send(bodyOf(problem));
  });
  app.addHook('onResponse', (_request, reply, done) => {
    const name = `palestra_requests_total{status="${Math.floor(reply.statusCode / 100)}xx"}`;
    counts.set(name, (counts.get(name) ?? 0) + 1);
    done();
  });
  await app.register(cookie);
  await app.register(helmet, {
    contentSecurityPolicy: false,
    referrerPolicy: { policy: 'same-origin' },
    strictTransportSecurity:
      hosts().portal.protocol === 'https:' ? { maxAge: 31_536_000, includeSubDomains: false } : false,
  });
  return app;
}

/** By whose address a request came, before any route is looked at. */
function createAnswer(app: App, { previews, idp, log }: EdgeOptions, hosts: () => Hosts) {
  return (request: IncomingMessage, response: ServerResponse): void => {
    const url = request.url ?? '/';
    if (request.rawHeaders.length > 2 * MOST_HEADERS)
      return refuse(response, new Problem('bad-request', 'Too many headers.'));
    const meaning = hosts().meaning(request.headers.host);
    if (ANY_HOST.includes(url)) return app.routing(request, response);
    if (meaning.kind === 'preview') return void previews.handle(request, response, meaning.place);
    if (meaning.kind === 'by-number') return byName(request, response, hosts().portal);
    if (meaning.kind === 'malformed')
      return refuse(response, new Problem('bad-request', 'This is no address of a preview.'));
    if (meaning.kind === 'foreign')
      return refuse(response, new Problem('wrong-host', `This server is ${hosts().portal.origin}.`));
    if (idp !== undefined && url.startsWith(`${IDP}/`)) return provider(idp, request, response, log);
    app.routing(request, response);
  };
}

/** oidc-provider under a prefix needs the whole address kept before the prefix is taken off. */
function provider(
  idp: Callback,
  request: IncomingMessage,
  response: ServerResponse,
  log: Rooms['log'],
): void {
  const url = request.url ?? '/';
  Object.assign(request, { originalUrl: url, url: url.slice(IDP.length) });
  Promise.resolve(idp.callback(request, response)).catch((error: unknown) => {
    log.error({ err: error }, 'the development provider failed');
    if (response.headersSent) response.destroy();
    else refuse(response, toProblem(error));
  });
}

/** The name and not the number: `__Host-` cookies and previews live on localhost. */
function byName(request: IncomingMessage, response: ServerResponse, portal: URL): void {
  const path = request.url?.startsWith('/') === true ? request.url : '/';
  response.writeHead(302, { location: portal.origin + path, 'cache-control': 'no-store' }).end();
}
function refuse(response: ServerResponse, problem: Problem): void {
  response.writeHead(statusOf(problem.code), {
    'content-type': 'application/json; charset=utf-8',
    'cache-control': 'no-store',
    connection: 'close',
  });
  response.end(JSON.stringify(bodyOf(problem)));
}

function version(): string {
  const found: unknown = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8'));
  return typeof found === 'object' && found !== null && 'version' in found ? String(found.version) : '0';
}
