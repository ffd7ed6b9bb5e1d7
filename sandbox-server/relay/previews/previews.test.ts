import { once } from 'node:events';
import { createServer, request as ask } from 'node:http';
import type { IncomingMessage, RequestListener, Server } from 'node:http';
import { connect } from 'node:net';
import type { AddressInfo } from 'node:net';
import { setTimeout as wait } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { WebSocket, WebSocketServer } from 'ws';
import { Problem } from '../../contract/errors.ts';
import { testStore } from '../../store/testing/store.ts';
import type { Store } from '../../store/index.ts';
import { silentLog } from '../../telemetry/index.ts';
import { LAB, SANDBOX, oneLab, somebody } from '../testing/relay-ground.ts';
import type { PreviewPlace } from './address.ts';
import { previewPlace } from './address.ts';
import { DOOR, PREVIEW_COOKIE, createPreviews } from './previews.ts';
import type { Previews } from './previews.ts';

let now = Date.now();
let store: Store;
let previews: Previews;
let lab: ReturnType<typeof oneLab>;
let portal: URL;
let portalServer: Server;
let program: Server;
let onRequest: RequestListener;
let seen: IncomingMessage[];

/** A learner's program on a port, the portal's server before it, the store and one lab between them. */
beforeEach(async () => {
  seen = [];
  onRequest = (_request, response) => response.end('hello from the sandbox');
  program = createServer((request, response) => {
    seen.push(request);
    onRequest(request, response);
  });
  program.listen(0, '127.0.0.1');
  await once(program, 'listening');
  store = await testStore();
  await signIn('session-1');
  lab = oneLab({
    terminalSocket: () => Promise.reject(new Error('no terminals here')),
    port: async (port) => {
      if (port !== programPort()) throw new Problem('agent-unreachable', 'Nothing listens there.');
      const tunnel = connect(port, '127.0.0.1');
      await once(tunnel, 'connect');
      return tunnel;
    },
  });
  previews = createPreviews({ store, labs: lab.labs, log: silentLog(), clock: () => now, perSession: 4 });
  portalServer = createServer(
    (request, response) => void previews.handle(request, response, placeOf(request)),
  );
  portalServer.on('upgrade', (request, socket, head) => {
    socket.on('error', () => undefined);
    void previews.upgrade(request, socket, head, placeOf(request));
  });
  portalServer.listen(0, '127.0.0.1');
  await once(portalServer, 'listening');
  portal = new URL(`http://localhost:${(portalServer.address() as AddressInfo).port}`);
});
afterEach(async () => {
  await previews.close();
  for (const server of [portalServer, program]) {
    server.close();
    server.closeAllConnections();
  }
  await store.close();
});
const programPort = (): number => (program.address() as AddressInfo).port;
function placeOf(request: IncomingMessage): PreviewPlace {
  const place = previewPlace(request.headers.host ?? '', portal);
  if (place === null || place === 'bad') throw new Error(`not a preview: ${request.headers.host}`);
  return place;
}
async function signIn(session: string, until = now + 36_000_000): Promise<void> {
  const person = {
    id: session,
    iss: 'i',
    sub: session,
    login: session,
    name: '',
    email: null,
    groups: '[]',
    seen_at: 0,
  };
  await store.db.insertInto('people').values(person).execute();
  const row = {
    hash: session,
    person: session,
    created_at: 0,
    until,
    id_token_sub: null,
    access_token: null,
  };
  await store.db
    .insertInto('sessions')
    .values({ ...row, refresh_token: null, access_until: null, scope: null })
    .execute();
}

interface Answer {
  status: number;
  headers: IncomingMessage['headers'];
  body: string;
}
async function get(
  url: string,
  headers: Record<string, string> = {},
  body?: string,
  method = body === undefined ? 'GET' : 'POST',
): Promise<Answer> {
  const { host, pathname, search } = new URL(url);
  const sent = ask({
    host: '127.0.0.1',
    port: portal.port,
    path: pathname + search,
    method,
    headers: { host, ...headers },
  });
  sent.end(body);
  const [answer] = (await once(sent, 'response')) as [IncomingMessage];
  const chunks = await answer.toArray();
  return {
    status: answer.statusCode ?? 0,
    headers: answer.headers,
    body: Buffer.concat(chunks as Buffer[]).toString(),
  };
}
/** Open the preview as the page does, and walk through its door. */
async function opened(
  port = programPort(),
): Promise<{ origin: string; cookie: string; entry: Answer; url: string }> {
  const { url } = await previews.open(somebody(), LAB, { port }, portal);
  const entry = await get(url);
  return {
    origin: new URL(url).origin,
    cookie: entry.headers['set-cookie']?.[0]?.split(';')[0] ?? '',
    entry,
    url,
  };
}

describe('the door of a preview', () => {
  it('turns a ticket into a short cookie of this origin alone, and leads to the start', async () => {
    const { entry, origin } = await opened();
    expect(origin).toBe(`http://${programPort()}-${SANDBOX}.localhost:${portal.port}`);
    expect(entry).toMatchObject({ status: 302, headers: { location: `${origin}/` } });
    expect(entry.headers['set-cookie']?.[0]).toMatch(
      /^__Host-palestra-preview=[\w-]{43}; Path=\/; Max-Age=3600; Secure; HttpOnly; SameSite=None; Partitioned$/,
    );
  });

  it('T3 opens once, for 30 seconds, for this port', async () => {
    const first = await opened();
    expect((await get(first.url)).status).toBe(403);
    const { url } = await previews.open(somebody(), LAB, { port: programPort() }, portal);
    expect((await get(url.replace(`${programPort()}-`, '9999-'))).status).toBe(403);
    // who holds the cookie already may take the same way again
    expect((await get(first.url, { cookie: first.cookie })).status).toBe(302);
    const late = await previews.open(somebody(), LAB, { port: programPort() }, portal);
    now += 30_000;
    expect((await get(late.url)).status).toBe(403);
  });

  it.each(['//evil.org', 'https://evil.org/', '/\\evil.org', 'javascript:alert(1)', 'http:evil.org'])(
    'T14 leads nowhere else: path=%s',
    async (path) => {
      const { url } = await previews.open(somebody(), LAB, { port: programPort() }, portal);
      const entry = await get(`${url}&path=${encodeURIComponent(path)}`);
      expect(new URL(entry.headers.location ?? '').origin).toBe(new URL(url).origin);
    },
  );

  it('leads to a path of the program’s', async () => {
    const { url } = await previews.open(somebody(), LAB, { port: programPort() }, portal);
    expect((await get(`${url}&path=/status%3Fx`)).headers.location).toBe(`${new URL(url).origin}/status?x`);
  });

  it('is shut without a cookie, with a wrong or doubled one, and says what to do', async () => {
    const { origin, cookie } = await opened();
    for (const headers of [
      {},
      { cookie: `${PREVIEW_COOKIE}=${'x'.repeat(43)}` },
      { cookie: `${cookie}; ${cookie}` },
    ]) {
      const answer = await get(`${origin}/`, { accept: 'text/html', ...headers });
      expect(answer.status).toBe(403);
      expect(answer.body).toContain('opened from the lesson');
    }
    expect(seen).toHaveLength(0);
  });
});

describe('through a preview', () => {
  it('a request arrives as if spoken to directly, and its answer comes back', async () => {
    const { origin, cookie } = await opened();
    const answer = await get(`${origin}/a%20b?c=d`, {
      cookie: `${cookie}; own=1`,
      authorization: 'Bearer secret',
      'accept-encoding': 'br',
    });
    expect(answer).toMatchObject({ status: 200, body: 'hello from the sandbox' });
    expect(seen[0]?.url).toBe('/a%20b?c=d');
    expect(seen[0]?.headers).toMatchObject({
      host: `localhost:${programPort()}`,
      cookie: 'own=1',
      'accept-encoding': 'br',
    });
    expect(seen[0]?.headers.authorization).toBe(undefined);
    expect(answer.headers['content-security-policy']).toBe(`frame-ancestors 'self' ${portal.origin}`);
  });

  it('bodies go both ways, 8 MB, chunked or counted', async () => {
    onRequest = (request, response) => request.pipe(response);
    const { origin, cookie } = await opened();
    const body = 'x'.repeat(8_000_000);
    expect((await get(`${origin}/`, { cookie }, body)).body).toBe(body);
    expect((await get(`${origin}/`, { cookie, 'content-length': '3' }, 'abc', 'PUT')).body).toBe('abc');
  });

  it('an endless answer arrives piece by piece and ends with the browser', async () => {
    let gone = false;
    onRequest = (_request, response) => {
      response.write('data: 1\n\n');
      response.on('close', () => (gone = true));
    };
    const { origin, cookie } = await opened();
    const sent = ask({
      host: '127.0.0.1',
      port: portal.port,
      path: '/',
      headers: { host: new URL(origin).host, cookie },
    });
    sent.on('error', () => undefined).end();
    const [answer] = (await once(sent, 'response')) as [IncomingMessage];
    const [chunk] = (await once(answer, 'data')) as [Buffer];
    expect(String(chunk)).toBe('data: 1\n\n');
    answer.on('error', () => undefined);
    sent.destroy();
    for (let i = 0; i < 300 && (!gone || previews.underWay > 0); i++) await wait(10);
    expect([gone, previews.underWay]).toEqual([true, 0]);
  });

  it('errors of the program are the program’s: status and headers pass', async () => {
    onRequest = (_request, response) =>
      response
        .writeHead(418, { 'x-own': 'yes', 'set-cookie': ['a=1; Domain=localhost', 'b=2'] })
        .end('short and stout');
    const { origin, cookie } = await opened();
    const answer = await get(`${origin}/`, { cookie });
    expect(answer).toMatchObject({
      status: 418,
      body: 'short and stout',
      headers: {
        'x-own': 'yes',
        'set-cookie': ['a=1', 'b=2'].map((pair) => `${pair}; Secure; SameSite=None; Partitioned`),
      },
    });
  });

  it('a port where nothing listens gets a page that reloads itself', async () => {
    const { origin, cookie } = await opened(9999);
    const page = await get(`${origin}/`, { cookie, accept: 'text/html,*/*' });
    expect(page).toMatchObject({ status: 502, headers: { 'retry-after': '2' } });
    expect(page.body).toContain('<meta http-equiv="refresh" content="2">');
    expect(page.headers['content-security-policy']).toContain(`frame-ancestors 'self' ${portal.origin}`);
    expect((await get(`${origin}/data.json`, { cookie })).headers['content-type']).toContain('text/plain');
  });

  it('a program that dies before, or in the middle of, its answer', async () => {
    const { origin, cookie } = await opened();
    onRequest = (request) => request.socket.destroy();
    expect(await get(`${origin}/`, { cookie })).toMatchObject({ status: 502 });
    onRequest = (request, response) => {
      response.writeHead(200, { 'content-length': '100' });
      response.write('half');
      setTimeout(() => request.socket.destroy(), 20);
    };
    await expect(get(`${origin}/`, { cookie })).rejects.toThrow();
  });

  it('T77 a program that speaks no HTTP, or a head without end, is a 502', async () => {
    const { origin, cookie } = await opened();
    onRequest = (request) => request.socket.end('SSH-2.0-OpenSSH_9.2\r\n');
    expect((await get(`${origin}/`, { cookie })).status).toBe(502);
    onRequest = (request) => {
      request.socket.on('error', () => undefined);
      request.socket.write(`HTTP/1.1 200 OK\r\nX: ${'x'.repeat(200_000)}`);
    };
    expect((await get(`${origin}/`, { cookie })).status).toBe(502);
  });
});

describe('who may look', () => {
  it('a cookie is renewed in its second half and ends after an hour unused', async () => {
    const { origin, cookie } = await opened();
    expect((await get(`${origin}/`, { cookie })).headers['set-cookie']).toBe(undefined);
    now += 40 * 60_000;
    expect((await get(`${origin}/`, { cookie })).headers['set-cookie']?.[0]).toContain(cookie);
    now += 40 * 60_000;
    expect((await get(`${origin}/`, { cookie })).status).toBe(200);
    now += 61 * 60_000;
    expect((await get(`${origin}/`, { cookie })).status).toBe(403);
  });

  it('T10 nobody after signing out, and what is under way ends', async () => {
    onRequest = (_request, response) => void response.write('on and on');
    const { origin, cookie } = await opened();
    const under = get(`${origin}/`, { cookie });
    const ended = expect(under).rejects.toThrow();
    for (let i = 0; i < 300 && previews.underWay === 0; i++) await wait(10);
    await store.db.deleteFrom('sessions').execute();
    previews.signedOut('session-1');
    await ended;
    expect((await get(`${origin}/`, { cookie })).status).toBe(403);
  });

  it('not once the login has run out, nor where the lab is paused', async () => {
    const { origin, cookie } = await opened();
    lab.closeAs('paused', 'paused');
    expect(await get(`${origin}/`, { cookie, accept: 'text/html' })).toMatchObject({ status: 404 });
    lab.become('ready');
    await store.db.updateTable('sessions').set({ until: now }).execute();
    expect((await get(`${origin}/`, { cookie })).status).toBe(403);
  });

  it('T29 nobody opens a preview of a lab that is not theirs', async () => {
    await expect(previews.open(somebody(), 'z'.repeat(20), { port: 8787 }, portal)).rejects.toMatchObject({
      code: 'not-found',
    });
  });

  it('not more at once than one page needs', async () => {
    onRequest = (_request, response) => void response.write('on and on');
    const { origin, cookie } = await opened();
    const held = Array.from({ length: 4 }, () => get(`${origin}/`, { cookie }).catch(() => undefined));
    for (let i = 0; i < 300 && previews.underWay < 4; i++) await wait(10);
    expect(await get(`${origin}/`, { cookie, accept: 'text/html' })).toMatchObject({
      status: 429,
      headers: { 'retry-after': '5' },
    });
    await previews.close();
    await Promise.all(held);
    expect((await get(`${origin}/`, { cookie })).status).toBe(503);
  });
});

describe('a WebSocket through a preview', () => {
  const socketTo = (origin: string, headers: Record<string, string>): WebSocket => {
    const host = new URL(origin).host;
    const socket = new WebSocket(`ws://127.0.0.1:${portal.port}/ws`, ['bokeh', 'token'], {
      headers: { host, origin, ...headers },
    });
    socket.on('error', () => undefined);
    return socket;
  };
  let wss: WebSocketServer;
  beforeEach(() => {
    wss = new WebSocketServer({ server: program, perMessageDeflate: true, handleProtocols: () => 'bokeh' });
    wss.on('connection', (socket, request) => {
      seen.push(request);
      socket.on('message', (data, isBinary) => socket.send(data, { binary: isBinary }));
    });
  });
  afterEach(() => wss.close());

  it('is the program’s own, subprotocol and extensions included; T38 no platform cookie in it', async () => {
    const { origin, cookie } = await opened();
    const socket = socketTo(origin, { cookie: `${cookie}; own=1`, authorization: 'Bearer secret' });
    await once(socket, 'open');
    expect([socket.protocol, socket.extensions]).toEqual(['bokeh', 'permessage-deflate']);
    socket.send(Buffer.alloc(3_000_000, 'x'));
    const [data] = (await once(socket, 'message')) as [Buffer];
    expect(data.length).toBe(3_000_000);
    expect(seen[0]?.headers).toMatchObject({
      host: `localhost:${programPort()}`,
      origin: `http://localhost:${programPort()}`,
      cookie: 'own=1',
    });
    expect(JSON.stringify(seen[0]?.rawHeaders)).not.toMatch(/secret|palestra-preview/);
    socket.close(1000);
    await once(socket, 'close');
    for (let i = 0; i < 300 && previews.underWay > 0; i++) await wait(10);
    expect(previews.underWay).toBe(0);
  });

  it.each([
    ['no cookie', () => ({}), 403],
    ['T1 a foreign origin', (cookie: string) => ({ cookie, origin: 'http://evil.org' }), 403],
    ['T1 the portal’s origin', (cookie: string) => ({ cookie, origin: portal.origin }), 403],
  ])('is refused with %s', async (_what, headers, status) => {
    const { origin, cookie } = await opened();
    const socket = socketTo(origin, headers(cookie));
    const [, answer] = (await once(socket, 'unexpected-response')) as [unknown, IncomingMessage];
    expect(answer.statusCode).toBe(status);
    expect(wss.clients.size).toBe(0);
  });

  it('T10 ends when the lab closes or the session signs out', async () => {
    const { origin, cookie } = await opened();
    const first = socketTo(origin, { cookie });
    await once(first, 'open');
    lab.closeAs('ended', 'ready');
    await once(first, 'close');
    const second = socketTo(origin, { cookie });
    await once(second, 'open');
    previews.signedOut('session-1');
    await once(second, 'close');
    expect(previews.underWay).toBe(0);
  });

  it('a refusal of the program’s reaches the browser as one', async () => {
    wss.removeAllListeners('connection');
    wss.options.verifyClient = () => false;
    const { origin, cookie } = await opened();
    const socket = socketTo(origin, { cookie });
    const [, answer] = (await once(socket, 'unexpected-response')) as [unknown, IncomingMessage];
    expect(answer.statusCode).toBe(401);
    expect(previews.underWay).toBe(0);
  });
});

it('the door is a path that no program serves', () => expect(DOOR).toBe('/.palestra/open'));
