import { once } from 'node:events';
import { connect } from 'node:net';
import type { IncomingMessage } from 'node:http';
import { setTimeout as wait } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { CLOSE, TERMINAL_PROTOCOL } from '../contract/terminal.ts';
import { startEchoAgent } from '../relay/testing/echo-agent.ts';
import type { EchoAgent } from '../relay/testing/echo-agent.ts';
import { edgeGround } from './testing/edge-ground.ts';
import type { EdgeGround } from './testing/edge-ground.ts';
import { agentWith, labOf } from './testing/two-learners.ts';

let ground: EdgeGround;
let agent: EchoAgent;
beforeEach(async () => {
  agent = await startEchoAgent();
  ground = await edgeGround({ agent: agentWith(new Map(), { terminalSocket: () => agent.dial() }) });
});
afterEach(async () => {
  await ground[Symbol.asyncDispose]();
  await agent.close();
});

interface Dial {
  as?: string;
  lab?: string;
  terminal?: string;
  ticket?: string;
  headers?: Record<string, string>;
  path?: string;
}
async function ticketFor(as = 'ada', terminal = '1'): Promise<string> {
  const { json } = await ground.ask(`/api/labs/${labOf(as)}/tickets`, {
    as,
    method: 'POST',
    body: { terminal },
  });
  return (json as { ticket: string }).ticket;
}
/** A browser of Ada's on a page of ours, but for what the test says otherwise. */
async function dial({
  as = 'ada',
  lab = 'ada',
  terminal = '1',
  ticket,
  headers = {},
  path,
}: Dial = {}): Promise<WebSocket & { refused?: { status: number; body: string } }> {
  const protocols = [TERMINAL_PROTOCOL, `ticket.${ticket ?? (await ticketFor())}`];
  const address = `ws://127.0.0.1:${ground.url.port}${path ?? `/api/labs/${labOf(lab)}/terminals/${terminal}`}`;
  const socket: WebSocket & { refused?: { status: number; body: string } } = new WebSocket(
    address,
    protocols,
    {
      headers: {
        host: ground.url.host,
        origin: ground.url.origin,
        cookie: `__Host-palestra=${as}`,
        ...headers,
      },
    },
  );
  socket.on('error', () => undefined);
  const refused = once(socket, 'unexpected-response').then(async (told) => {
    const [, answer] = told as [unknown, IncomingMessage];
    socket.refused = {
      status: answer.statusCode ?? 0,
      body: Buffer.concat((await answer.toArray()) as Buffer[]).toString(),
    };
  });
  await Promise.race([once(socket, 'open'), refused, once(socket, 'close').then(() => wait(20))]);
  return socket;
}
const refusal = async (how: Dial): Promise<number | undefined> => (await dial(how)).refused?.status;

describe('a terminal', () => {
  it('opens for its owner’s page, session and ticket, and passes bytes', async () => {
    const socket = await dial();
    expect(socket.protocol).toBe(TERMINAL_PROTOCOL);
    expect(socket.extensions).toBe('');
    socket.send('hello');
    const [data] = (await once(socket, 'message')) as [Buffer];
    expect(String(data)).toBe('hello');
  });

  it('T1 is refused before the upgrade for every origin but ours', async () => {
    const { port } = ground.url;
    const origins = [
      'null',
      'http://evil.org',
      `http://localhost:${port}.evil.org`,
      `http://evil-localhost:${port}`,
      `http://x.localhost:${port}`,
      'http://localhost',
      `https://localhost:${port}`,
      `http://127.0.0.1:${port}`,
      `http://localhost:${Number(port) + 1}`,
      `http://localhost:${port}/`,
    ];
    for (const origin of origins)
      expect([origin, await refusal({ headers: { origin } })]).toEqual([origin, 403]);
    expect(await refusal({ headers: { 'sec-fetch-site': 'cross-site' } })).toBe(403);
    expect(agent.sockets.size).toBe(0);
  });

  it('T2 a forwarded host or a forwarded origin is air', async () => {
    expect(
      await refusal({
        headers: { origin: 'http://evil.org', 'x-forwarded-host': 'evil.org', 'x-forwarded-proto': 'http' },
      }),
    ).toBe(403);
    expect(await refusal({ headers: { host: 'evil.org', origin: 'http://evil.org' } })).toBe(421);
  });

  it('T3 wants a ticket of this session, lab and terminal, once', async () => {
    const ticket = await ticketFor();
    expect(await refusal({ ticket: 'x'.repeat(43) })).toBe(401);
    expect(await refusal({ ticket: await ticketFor('bob') })).toBe(401);
    expect(await refusal({ ticket: await ticketFor('ada', '2') })).toBe(401);
    expect(await refusal({ ticket, as: 'nobody' })).toBe(401);
    const socket = await dial({ ticket });
    expect(socket.readyState).toBe(socket.OPEN);
    expect(await refusal({ ticket })).toBe(401);
    expect(agent.sockets.size).toBe(1);
  });

  it('T29 of somebody else’s lab is a 404 as for nobody’s', async () => {
    const [theirs, nobodys] = [
      await dial({ lab: 'bob' }),
      await dial({ path: `/api/labs/${'z'.repeat(20)}/terminals/1` }),
    ];
    expect(theirs.refused).toMatchObject({ status: 404 });
    expect(nobodys.refused).toEqual(theirs.refused);
  });

  it('T12 a doubled cookie is nobody’s', async () => {
    expect(await refusal({ headers: { cookie: '__Host-palestra=ada; __Host-palestra=ada' } })).toBe(401);
  });

  it('T10 closes within five seconds of signing out, with a code that says so', async () => {
    const socket = await dial();
    const since = Date.now();
    const closed = once(socket, 'close');
    await ground.ask('/auth/logout', { as: 'ada', method: 'POST' });
    expect((await closed)[0]).toBe(CLOSE.revoked);
    expect(Date.now() - since).toBeLessThan(5000);
  });

  it('closes with 4000 when the lab ends, with 4002 when the server does', async () => {
    const [one, other] = [
      await dial(),
      await dial({ as: 'bob', lab: 'bob', ticket: await ticketFor('bob') }),
    ];
    const ended = once(one, 'close');
    ground.labs.closeLab('ada', 'ended');
    expect((await ended)[0]).toBe(CLOSE.ended);
    const restarting = once(other, 'close');
    await ground.edge.close();
    expect((await restarting)[0]).toBe(CLOSE.restarting);
  });

  it('says what is wrong where the sandbox is gone: a whole answer, and the end of the connection', async () => {
    await agent.close();
    const socket = await dial();
    expect(socket.refused?.status).toBeGreaterThanOrEqual(500);
    expect(socket.refused?.body).not.toContain('ECONNREFUSED');
    agent = await startEchoAgent();
  });
});

describe('hostile upgrades', () => {
  async function raw(lines: string[]): Promise<string> {
    const socket = connect(Number(ground.url.port), '127.0.0.1');
    socket.on('error', () => undefined);
    socket.write(lines.join('\r\n') + '\r\n\r\n');
    let text = '';
    socket.on('data', (chunk: Buffer) => (text += chunk.toString()));
    await once(socket, 'close');
    return text;
  }
  const head = (path: string): string[] => [
    `GET ${path} HTTP/1.1`,
    `Host: ${ground.url.host}`,
    `Origin: ${ground.url.origin}`,
    'Upgrade: websocket',
    'Connection: Upgrade',
    'Sec-WebSocket-Version: 13',
    'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==',
    'Cookie: __Host-palestra=ada',
  ];

  it('T10 an unknown path is destroyed without a word', async () => {
    for (const path of [
      '/',
      '/api/labs',
      `/api/labs/${labOf('ada')}/terminals/`,
      `/api/labs/${labOf('ada')}/terminals/a/b`,
      '/api/labs/x/terminals/1',
      '/idp/x',
    ]) {
      expect([path, await raw(head(path))]).toEqual([path, '']);
    }
  });
  it('T6 2,000 headers, a hostile extension list, a missing or odd key', async () => {
    const path = `/api/labs/${labOf('ada')}/terminals/1`;
    const lines = head(path);
    expect(await raw([...lines, ...Array.from({ length: 2000 }, () => 'a:b')])).toMatch(
      /^HTTP\/1.1 4(?:00|31)/,
    );
    expect(
      await raw([...lines, `Sec-WebSocket-Extensions: ${'permessage-deflate; x=1, '.repeat(300)}`]),
    ).toMatch(/^HTTP\/1.1 400/);
    expect(await raw([...lines, 'Sec-WebSocket-Extensions: permessage-deflate; "\\"'])).toMatch(
      /^HTTP\/1.1 400/,
    );
    expect(await raw(lines.filter((line) => !line.startsWith('Sec-WebSocket-Key')))).toMatch(
      /^HTTP\/1.1 400/,
    );
  });
  it('1: what follows a refused upgrade on its connection is not read', async () => {
    const path = `/api/labs/${labOf('ada')}/terminals/1`;
    const answer = await raw([...head(path), '', 'GET /api/session HTTP/1.1', `Host: ${ground.url.host}`]);
    expect(answer.match(/HTTP\/1\.1/g)).toHaveLength(1);
    expect(answer).toContain('Connection: close');
  });
  it('to a malformed preview address is a 400, to a shut one a 403', async () => {
    const lines = head('/');
    const at = (host: string) =>
      raw(lines.map((line) => (line.startsWith('Host:') ? `Host: ${host}` : line)));
    expect(await at(`80@evil.${ground.url.host}`)).toMatch(/^HTTP\/1.1 400/);
    expect(await at(`8787-${'a'.repeat(20)}.${ground.url.host}`)).toMatch(/^HTTP\/1.1 403/);
  });
});

describe('the echo of /check', () => {
  it('answers a page of ours without a sign-in, and no other', async () => {
    const socket = await dial({ path: '/api/check/socket', headers: { cookie: '' } });
    socket.send('palestra 0.5');
    const [data] = (await once(socket, 'message')) as [Buffer];
    expect(String(data)).toBe('palestra 0.5');
    expect(await refusal({ path: '/api/check/socket', headers: { origin: 'http://evil.org' } })).toBe(403);
    socket.send('x'.repeat(2000));
    expect((await once(socket, 'close'))[0]).toBe(1009);
  });
});
