/** Previews: what a learner's program serves on a port of the sandbox, on an origin of its own. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';
import { Problem } from '../../contract/errors.ts';
import type { Labs, OpenLab } from '../../labs/face.ts';
import type { Store } from '../../store/index.ts';
import type { Log } from '../../telemetry/index.ts';
import { onlyCookie } from '../cookies.ts';
import { refuseUpgrade } from '../refusal.ts';
import type { Viewer } from '../viewer.ts';
import { previewOrigin } from './address.ts';
import type { PreviewPlace } from './address.ts';
import { CLOSED, NOT_RUNNING, RESTARTING, TOO_MANY, nothingListens, say } from './pages.ts';
import { PASS_MS, createPasses } from './passes.ts';
import { passRequest, passUpgrade } from './program.ts';

export const PREVIEW_COOKIE = '__Host-palestra-preview';
/** Where a ticket is turned into a cookie; no program can serve this path. */
export const DOOR = '/.palestra/open';

export interface Previews {
  /** @returns an address for an iframe or a new tab, good once within 30 s. Problems as `Labs.open`. */
  open(
    who: Viewer,
    lab: string,
    at: { readonly port: number; readonly path?: string | undefined },
    portal: URL,
  ): Promise<{ url: string }>;
  /** answer a request to a preview's origin; never throws */
  handle(request: IncomingMessage, response: ServerResponse, place: PreviewPlace): Promise<void>;
  /** the same for a WebSocket */
  upgrade(request: IncomingMessage, socket: Duplex, head: Buffer, place: PreviewPlace): Promise<void>;
  /** end what this session looks at */
  signedOut(session: string): void;
  /** requests and sockets under way */
  readonly underWay: number;
  close(): Promise<void>;
}
export interface PreviewsOptions {
  readonly store: Store;
  readonly labs: Pick<Labs, 'open' | 'bySandbox' | 'onClosed'>;
  readonly log: Log;
  readonly clock?: () => number;
  /** requests and sockets of one session at a time; a browser opens six a host, and sockets beside them */
  readonly perSession?: number;
}
/** One request or socket under way. */
interface Visit {
  readonly session: string;
  readonly lab: string;
  readonly end: () => void;
}
type Entrance = { readonly lab: OpenLab; readonly session: string; readonly renewed: boolean };

export function createPreviews({
  store,
  labs,
  log,
  clock = Date.now,
  perSession = 128,
}: PreviewsOptions): Previews {
  const passes = createPasses(store, clock);
  const visits = new Set<Visit>();
  let stopping = false;
  const endWhere = (matches: (visit: Visit) => boolean): void => {
    for (const visit of visits) if (matches(visit)) visit.end();
  };
  const labsClosed = labs.onClosed((lab) => endWhere((visit) => visit.lab === lab));

  /** @returns what this request may see, or the page that says why not. */
  async function admit(request: IncomingMessage, place: PreviewPlace): Promise<Entrance | typeof CLOSED> {
    if (stopping) return RESTARTING;
    const pass = await passes.check(onlyCookie(request.headers.cookie, PREVIEW_COOKIE), place.port);
    if (pass === null) return CLOSED;
    const lab = await labs.bySandbox(place.sandbox);
    if (lab === null) return NOT_RUNNING;
    if (lab.lab.id !== pass.lab) return CLOSED;
    let taken = 0;
    for (const visit of visits) if (visit.session === pass.session) taken++;
    return taken < perSession ? { lab, session: pass.session, renewed: pass.renewed } : TOO_MANY;
  }

  async function enter(
    request: IncomingMessage,
    response: ServerResponse,
    place: PreviewPlace,
  ): Promise<void> {
    const asked = new URL(request.url ?? '/', place.origin).searchParams;
    const cookie = await passes.enter(asked.get('ticket') ?? '', place.port);
    // a door opened again (the browser's history, a reload): who holds the cookie still may go in
    const inside = cookie === null && 'lab' in (await admit(request, place));
    if (cookie === null && !inside) return say(response, CLOSED, place, request.headers.accept);
    if (cookie !== null) response.setHeader('set-cookie', preciseCookie(cookie));
    response.writeHead(302, {
      location: pathOn(place, asked.get('path') ?? '/'),
      'cache-control': 'no-store',
      'referrer-policy': 'no-referrer',
    });
    response.end();
  }

  async function show(
    request: IncomingMessage,
    response: ServerResponse,
    place: PreviewPlace,
  ): Promise<void> {
    const entrance = await admit(request, place);
    if ('status' in entrance) return say(response, entrance, place, request.headers.accept);
    const visit = { session: entrance.session, lab: entrance.lab.lab.id, end: () => response.destroy() };
    visits.add(visit);
    try {
      const tunnel = await entrance.lab.agent.port(place.port);
      tunnel.on('error', () => undefined);
      await passRequest(request, response, tunnel, place, entrance.renewed ? renewedCookie(request) : []);
    } finally {
      visits.delete(visit);
    }
  }

  async function handle(
    request: IncomingMessage,
    response: ServerResponse,
    place: PreviewPlace,
  ): Promise<void> {
    try {
      const isDoor = request.method === 'GET' && (request.url ?? '').split('?')[0] === DOOR;
      await (isDoor ? enter(request, response, place) : show(request, response, place));
    } catch (error) {
      if (!(error instanceof Problem)) log.error({ err: error, port: place.port }, 'a preview failed');
      if (response.headersSent) response.destroy();
      else say(response, nothingListens(place.port), place, request.headers.accept);
    }
  }

  async function upgrade(
    request: IncomingMessage,
    socket: Duplex,
    head: Buffer,
    place: PreviewPlace,
  ): Promise<void> {
    const refuse = (status: number, message: string): void => refuseUpgrade(socket, status, { message });
    try {
      // the cookie goes wherever this origin is asked, so who asks is looked at here (T1)
      if (request.headers.origin !== place.origin)
        return refuse(403, 'This preview is not open to other sites.');
      const entrance = await admit(request, place);
      if ('status' in entrance) return refuse(entrance.status, entrance.text);
      await join(request, socket, head, place, entrance);
    } catch (error) {
      if (!(error instanceof Problem)) log.error({ err: error, port: place.port }, 'a preview socket failed');
      refuse(502, nothingListens(place.port).title);
    }
  }

  async function join(
    request: IncomingMessage,
    socket: Duplex,
    head: Buffer,
    place: PreviewPlace,
    entrance: Entrance,
  ): Promise<void> {
    const tunnel = await entrance.lab.agent.port(place.port);
    tunnel.on('error', () => undefined);
    const end = (): void => {
      visits.delete(visit);
      socket.destroy();
      tunnel.destroy();
    };
    const visit = { session: entrance.session, lab: entrance.lab.lab.id, end };
    visits.add(visit);
    socket.once('close', end);
    tunnel.once('close', end);
    if (socket.destroyed || socket.readableEnded) return end();
    const passed = await passUpgrade(request, socket, tunnel, place);
    if ('refused' in passed) {
      visits.delete(visit);
      socket.off('close', end);
      tunnel.off('close', end).destroy();
      return refuseUpgrade(socket, passed.refused, { message: 'The program refused this connection.' });
    }
    socket.write(passed.head);
    passed.program.write(head);
    socket.pipe(passed.program).pipe(socket);
  }

  return {
    async open(who, lab, { port, path }, portal) {
      const open = await labs.open(who, lab);
      const ticket = await passes.ticket({ session: who.session, lab: open.lab.id }, port);
      const inside = path === undefined ? '' : `&path=${encodeURIComponent(path)}`;
      return { url: `${previewOrigin(portal, port, open.sandbox.id)}${DOOR}?ticket=${ticket}${inside}` };
    },
    handle,
    upgrade,
    signedOut: (session) => endWhere((visit) => visit.session === session),
    get underWay() {
      return visits.size;
    },
    close() {
      stopping = true;
      labsClosed[Symbol.dispose]();
      endWhere(() => true);
      return Promise.resolve();
    },
  };
}

/** Sent in frames on another site too, yet only there where it was set (finding 14). */
function preciseCookie(value: string): string {
  return `${PREVIEW_COOKIE}=${value}; Path=/; Max-Age=${PASS_MS / 1000}; Secure; HttpOnly; SameSite=None; Partitioned`;
}
function renewedCookie(request: IncomingMessage): string[] {
  const value = onlyCookie(request.headers.cookie, PREVIEW_COOKIE);
  return value === undefined ? [] : [preciseCookie(value)];
}
/** A path that a URL reads as one of this very origin, else its start. */
function pathOn(place: PreviewPlace, path: string): string {
  const url = URL.parse(path, place.origin);
  return url?.origin === place.origin ? url.href : `${place.origin}/`;
}
