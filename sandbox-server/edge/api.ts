/** Everything under /api and /auth, and what the cluster asks: who asks, from where, how often; then the routes. */
import { Problem } from '../contract/errors.ts';
import { onlyCookie } from '../relay/index.ts';
import { signedIn } from './app.ts';
import type { App, HostsNow, Rooms } from './app.ts';
import { SESSION_COOKIE } from './cookies.ts';
import type { EventStreams } from './event-streams.ts';
import { limitRequests } from './limits.ts';
import type { RequestLimits } from './limits.ts';
import { nothingHere } from './problems.ts';
import { authoringRoutes } from './routes/authoring.ts';
import { authRoutes } from './routes/auth.ts';
import { checkRoutes } from './routes/check.ts';
import { clusterRoutes } from './routes/cluster.ts';
import { dataRoutes } from './routes/data.ts';
import { eventRoutes } from './routes/events.ts';
import { fileRoutes } from './routes/files.ts';
import { labRoutes } from './routes/labs.ts';
import { sessionRoutes } from './routes/session.ts';
import { stepRoutes } from './routes/steps.ts';
import { refuseCrossSite } from './same-origin.ts';

export interface ApiOptions {
  readonly rooms: Rooms;
  readonly hosts: HostsNow;
  readonly streams: EventStreams;
  readonly version: string;
  readonly limits: RequestLimits;
}

export async function api(app: App, { rooms, hosts, streams, version, limits }: ApiOptions): Promise<void> {
  const { identity, labs, config } = rooms;

  app.addHook('onRequest', async (request, reply) => {
    void reply.header('cache-control', 'no-store');
    const meaning = hosts().meaning(request.headers.host);
    // links from elsewhere may lead to a login, and the provider's redirect back comes from its own site
    const isNavigation = request.url.startsWith('/auth/') && request.method === 'GET';
    if (!isNavigation) refuseCrossSite(request, meaning.kind === 'portal' ? meaning.origin : '');
    request.who = await identity.signedIn(onlyCookie(request.headers.cookie, SESSION_COOKIE));
  });
  await limitRequests(app, config.url?.startsWith('https:') === true, limits);

  // one place sees to the owner of every lab in an address, before any handler: no route can forget it
  app.addHook('preHandler', async (request) => {
    const { lab } = request.params as { lab?: string };
    if (lab !== undefined) await labs.get(signedIn(request), lab).catch(hideOwner);
  });

  sessionRoutes(app, rooms, version);
  authRoutes(app, rooms, hosts);
  labRoutes(app, rooms, hosts);
  fileRoutes(app, rooms);
  stepRoutes(app, rooms);
  eventRoutes(app, streams);
  dataRoutes(app, rooms, streams);
  checkRoutes(app);
  if (rooms.authoring !== undefined) authoringRoutes(app, { ...rooms, live: rooms.authoring, streams });
  clusterRoutes(app, rooms);
}

/** Somebody else's lab and nobody's: the same words (T29). */
function hideOwner(error: unknown): never {
  throw error instanceof Problem && error.code === 'not-found' ? nothingHere() : error;
}
