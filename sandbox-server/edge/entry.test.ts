import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { connect } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { edgeGround } from './testing/edge-ground.ts';
import type { EdgeGround } from './testing/edge-ground.ts';
import { agentWith, sandboxOf } from './testing/two-learners.ts';

let ground: EdgeGround;
let seen: { url: string | undefined; originalUrl: unknown; body: string }[];
const program = createServer((request, response) => response.end(JSON.stringify(request.headers)));
beforeAll(async () => {
  program.listen(0, '127.0.0.1');
  await once(program, 'listening');
  seen = [];
  const agent = agentWith(new Map(), {
    port: async (port) => {
      const tunnel = connect(port, '127.0.0.1');
      await once(tunnel, 'connect');
      return tunnel;
    },
  });
  ground = await edgeGround({
    agent,
    idp: {
      async callback(request, response) {
        const body = Buffer.concat((await request.toArray()) as Buffer[]).toString();
        seen.push({
          url: request.url,
          originalUrl: (request as { originalUrl?: unknown }).originalUrl,
          body,
        });
        if (request.url === '/fails') throw new Error('the provider’s own mistake');
        response.end('from the provider');
      },
    },
  });
});
afterAll(async () => {
  await ground[Symbol.asyncDispose]();
  program.close();
  program.closeAllConnections();
});

/** What a raw request gets, to the end of the connection. */
async function raw(text: string): Promise<string> {
  const socket = connect(Number(ground.url.port), '127.0.0.1');
  socket.on('error', () => undefined);
  socket.write(text);
  const chunks: Buffer[] = [];
  socket.on('data', (chunk: Buffer) => chunks.push(chunk));
  await once(socket, 'close');
  return Buffer.concat(chunks).toString();
}

describe('by whose address', () => {
  it('T70 a foreign Host is a 421, and nothing of the site', async () => {
    for (const host of [
      'evil.org',
      `evil.org:${ground.url.port}`,
      'localhost',
      `localhost.evil.org:${ground.url.port}`,
    ]) {
      const answer = await ground.ask('/api/session', { as: 'ada', headers: { host } });
      expect([host, answer.status, answer.json]).toMatchObject([host, 421, { code: 'wrong-host' }]);
    }
  });
  it('T70 a request without any Host, or with two, is refused', async () => {
    expect(await raw('GET / HTTP/1.1\r\nConnection: close\r\n\r\n')).toMatch(/^HTTP\/1.1 400/);
    const two = await raw(
      `GET /api/session HTTP/1.1\r\nHost: evil.org\r\nHost: ${ground.url.host}\r\nConnection: close\r\n\r\n`,
    );
    expect(two).toMatch(/^HTTP\/1.1 4(?:00|21)/);
  });
  it('T2 X-Forwarded-Host and its kin change nothing', async () => {
    const forged = {
      'x-forwarded-host': 'evil.org',
      'x-forwarded-proto': 'https',
      forwarded: 'host=evil.org',
    };
    expect((await ground.ask('/api/session', { as: 'ada', headers: forged })).json).toMatchObject({
      me: { login: 'ada' },
    });
    const foreign = await ground.ask('/api/session', {
      headers: { host: 'evil.org', 'x-forwarded-host': ground.url.host },
    });
    expect(foreign.status).toBe(421);
  });
  it('this machine by number leads to its name, keeping the path', async () => {
    for (const host of ['127.0.0.1', '[::1]']) {
      const answer = await ground.ask('/courses/?a=b', { headers: { host: `${host}:${ground.url.port}` } });
      expect(answer).toMatchObject({
        status: 302,
        headers: { location: `${ground.url.origin}/courses/?a=b` },
      });
    }
  });
  it('an absolute request target does not lead astray', async () => {
    const answer = await raw(
      `GET http://evil.org/ HTTP/1.1\r\nHost: 127.0.0.1:${ground.url.port}\r\nConnection: close\r\n\r\n`,
    );
    expect(answer).toContain(`location: ${ground.url.origin}/\r\n`);
  });
  it('T37 a malformed preview address is a 400', async () => {
    for (const label of ['80@evil', `65536-${sandboxOf('ada')}`, `22-${sandboxOf('ada')}`, 'www']) {
      expect((await ground.ask('/', { headers: { host: `${label}.${ground.url.host}` } })).status).toBe(400);
    }
  });
  it('probes by number are answered whatever the Host', async () => {
    for (const path of ['/livez', '/readyz']) {
      expect(await ground.ask(path, { headers: { host: '10.0.0.7:4747' } })).toMatchObject({
        status: 200,
        json: { ok: true },
      });
    }
    expect((await ground.ask('/metrics', { headers: { host: '10.0.0.7:4747' } })).status).toBe(421);
  });
  it('metrics are this machine’s to read, and not a proxy’s', async () => {
    const answer = await ground.ask('/metrics');
    expect(answer.body).toMatch(/^palestra_terminals 0$/m);
    expect(answer.body).toMatch(/^palestra_requests_total\{status="2xx"\} \d+$/m);
    expect((await ground.ask('/metrics', { headers: { 'x-forwarded-for': '192.0.2.1' } })).status).toBe(404);
  });
});

describe('previews through the edge', () => {
  const port = () => (program.address() as AddressInfo).port;
  it('T11, T38 stand on an origin of their own: the door, the cookie, the program without any of ours', async () => {
    const { json } = await ground.ask(
      `/api/labs/${(await ground.labs.list({ person: { login: 'ada' } } as never))[0]?.id}/previews`,
      {
        as: 'ada',
        method: 'POST',
        body: { port: port() },
      },
    );
    const url = new URL((json as { url: string }).url);
    expect(url.host).toBe(`${port()}-${sandboxOf('ada')}.${ground.url.host}`);
    const door = await ground.ask(url.pathname + url.search, {
      headers: { host: url.host, 'sec-fetch-site': 'cross-site' },
    });
    const cookie = door.headers['set-cookie']?.[0]?.split(';')[0] ?? '';
    const answer = await ground.ask('/', {
      headers: { host: url.host, cookie: `${cookie}; __Host-palestra=ada; own=1` },
    });
    expect(JSON.parse(answer.body)).toMatchObject({ host: `localhost:${port()}`, cookie: 'own=1' });
    // the program's own page asks the portal: another site, in the browser's own words
    for (const site of ['cross-site', 'same-site']) {
      const asked = await ground.ask('/api/session', {
        as: 'ada',
        headers: { 'sec-fetch-site': site, origin: url.origin },
      });
      expect(asked).toMatchObject({ status: 403, json: { code: 'cross-site' } });
      expect(asked.headers['access-control-allow-origin']).toBe(undefined);
    }
  });
  it('are shut without the cookie, and the portal’s cookie opens nothing there', async () => {
    const host = `${port()}-${sandboxOf('ada')}.${ground.url.host}`;
    expect((await ground.ask('/', { as: 'ada', headers: { host } })).status).toBe(403);
    expect((await ground.ask('/api/session', { as: 'ada', headers: { host } })).status).toBe(403);
  });
});

describe('the development provider', () => {
  it('is asked under /idp with the whole address kept, its bodies unread', async () => {
    const answer = await ground.ask('/idp/token?x=1', {
      method: 'POST',
      body: 'grant=1',
      headers: { 'sec-fetch-site': 'cross-site' },
    });
    expect(answer.body).toBe('from the provider');
    expect(seen.at(-1)).toEqual({ url: '/token?x=1', originalUrl: '/idp/token?x=1', body: 'grant=1' });
  });
  it('a mistake of its own is a 500 that tells nothing', async () => {
    const answer = await ground.ask('/idp/fails');
    expect(answer).toMatchObject({ status: 500, json: { code: 'internal' } });
    expect(answer.body).not.toContain('provider’s own');
  });
});

describe('hostile heads', () => {
  it('T6 2,000 headers are refused', async () => {
    const many = Array.from({ length: 2000 }, (_, i) => `a${i}: b\r\n`).join('');
    expect(await raw(`GET /api/session HTTP/1.1\r\nHost: ${ground.url.host}\r\n${many}\r\n`)).toMatch(
      /^HTTP\/1.1 4(?:00|31)/,
    );
    const short = 'a:b\r\n'.repeat(150);
    expect(
      await raw(`GET /api/session HTTP/1.1\r\nHost: ${ground.url.host}\r\nConnection: close\r\n${short}\r\n`),
    ).toMatch(/^HTTP\/1.1 400/);
  });
  it.each([
    ['smuggled by two lengths', 'Content-Length: 1\r\nContent-Length: 2\r\n\r\nxx'],
    ['smuggled by length and chunks', 'Content-Length: 6\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n'],
    ['with a bare CR in a header', 'X: a\rb\r\n\r\n'],
  ])('a request %s is refused', async (_what, rest) => {
    expect(await raw(`POST /api/labs HTTP/1.1\r\nHost: ${ground.url.host}\r\n${rest}`)).toMatch(
      /^HTTP\/1.1 400/,
    );
  });
  it('an upgrade to something else is a request as any other', async () => {
    const answer = await raw(
      `GET /livez HTTP/1.1\r\nHost: x\r\nConnection: Upgrade, close\r\nUpgrade: h2c\r\n\r\n`,
    );
    expect(answer).toMatch(/^HTTP\/1.1 200/);
  });
  it.each([
    '/..%2f..%2fetc/passwd',
    '/%2e%2e/%2e%2e/etc/passwd',
    '/%',
    '/%ff',
    '/a%00b',
    '//evil.org',
    '/\\evil.org',
  ])('T31 %s is nothing here', async (path) => {
    const answer = await ground.ask(path, { headers: { accept: 'application/json' } });
    expect([400, 404, 503]).toContain(answer.status);
    expect(answer.headers.location).toBe(undefined);
  });
});
