/** Services through the server: the real agent over TLS, the server's end of its tunnel, real programs behind it. */
import { once } from 'node:events';
import http2 from 'node:http2';
import net from 'node:net';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { startAgent } from '../../agent/testing/start-agent.ts';
import type { StartedAgent } from '../../agent/testing/start-agent.ts';
import { freePort } from '../../services/testing/tiny-service.ts';
import { serveTunnel, type TargetOf } from './tunnel.ts';

let agent: StartedAgent;
let shop: net.Server;
let port: number;
let target: { host: string; port: number };
let asked: string[];
const serving: Promise<void>[] = [];

/** Says back in capitals once the other side has said all: nothing of it works without half-closed connections. */
beforeEach(async () => {
  agent = await startAgent({ tls: true });
  shop = net.createServer({ allowHalfOpen: true }, (client) => {
    let heard = '';
    client.on('data', (part: Buffer) => (heard += part.toString()));
    client.on('end', () => client.end(heard.toUpperCase()));
    client.on('error', () => client.destroy());
  });
  await once(shop.listen(0, '127.0.0.1'), 'listening');
  target = { host: '127.0.0.1', port: (shop.address() as net.AddressInfo).port };
  port = await freePort();
  asked = [];
});
afterEach(async () => {
  await agent.stop();
  shop.close();
  await Promise.all(serving.splice(0)); // ends with its connection
});

const endpoint = (at = port) => ({ service: 'tiny', host: 'shop.tiny.test', port: at, socket: null });
const lend = (...endpoints: ReturnType<typeof endpoint>[]) => agent.link.services({ endpoints, env: {} });
const lentAt: TargetOf = (authority) => {
  asked.push(authority);
  return authority === `shop.tiny.test:${port}` ? target : undefined;
};
async function open(targetOf: TargetOf = lentAt): Promise<void> {
  serving.push(serveTunnel(await agent.link.tunnel(), targetOf));
}
async function talk(words: string, at = port): Promise<string> {
  const client = net.connect({ port: at, host: '127.0.0.1', allowHalfOpen: true });
  await once(client, 'connect');
  client.end(words);
  return Buffer.concat((await client.toArray()) as Buffer[]).toString();
}

describe('services through the server', () => {
  it('are reset until a server opens the way, and carried then, each half closed alone', async () => {
    await lend(endpoint());
    await expect(talk('x')).rejects.toMatchObject({ code: 'ECONNRESET' });
    await open();
    expect(await talk('bread, please')).toBe('BREAD, PLEASE');
    expect(asked).toEqual([`shop.tiny.test:${port}`]);
  });

  it('T3 only what is lent is connected to, whatever a sandbox asks for', async () => {
    await lend(endpoint());
    await open(() => undefined);
    await expect(talk('x')).rejects.toMatchObject({ code: 'ECONNRESET' });
  });

  it('a forged agent gets no further: other methods, other names and nonsense are refused, and the server goes on', async () => {
    const [inside, outside] = await pair();
    const served = serveTunnel(outside, lentAt);
    const session = http2.connect('http://x', { createConnection: () => inside });
    const status = async (headers: http2.OutgoingHttpHeaders): Promise<unknown> => {
      const stream = session.request(headers);
      const [answer] = (await once(stream, 'response')) as [http2.IncomingHttpHeaders];
      stream.destroy();
      return answer[':status'];
    };
    expect(await status({ ':method': 'GET', ':path': '/' })).toBe(405);
    expect(await status({ ':method': 'CONNECT', ':authority': '169.254.169.254:80' })).toBe(403);
    expect(await status({ ':method': 'CONNECT', ':authority': `shop.tiny.test:${port}` })).toBe(200);
    session.destroy();
    await served;
    const [noise, at] = await pair();
    const other = serveTunnel(at, lentAt);
    noise.on('error', () => noise.destroy());
    noise.write('GET / HTTP/1.1\r\n\r\n'.repeat(100));
    await other;
  });

  it('a slow reader waits alone: another gets all of its megabytes meanwhile', async () => {
    await lend(endpoint());
    await open();
    const slow = net.connect({ port, host: '127.0.0.1', allowHalfOpen: true });
    await once(slow, 'connect');
    slow.pause();
    slow.end(Buffer.alloc(20_000_000, 'a'));
    await wait(300); // everything between is full by now
    expect((await talk('b'.repeat(5_000_000))).length).toBe(5_000_000);
    let length = 0;
    for await (const part of slow) length += (part as Buffer).length;
    expect(length).toBe(20_000_000);
  });

  it('that are down reset the connection, and are reached again when they are back', async () => {
    await lend(endpoint());
    await open();
    const closed = once(shop, 'close');
    shop.close();
    await closed;
    await expect(talk('x')).rejects.toMatchObject({ code: 'ECONNRESET' });
    await once(shop.listen(target.port, '127.0.0.1'), 'listening');
    expect(await talk('again')).toBe('AGAIN');
  });

  it('F1 another server opens another way in the place of the first', async () => {
    await lend(endpoint());
    await open();
    const open1 = net.connect({ port, host: '127.0.0.1', allowHalfOpen: true });
    await once(open1, 'connect');
    const cut = once(open1, 'error'); // and no end, which a program would take for the whole of an answer
    open1.write('half a question');
    await open();
    await serving[0]; // the first is told by its connection
    expect(await cut).toMatchObject([{ code: 'ECONNRESET' }]);
    expect(await talk('new')).toBe('NEW');
  });

  it('F1 a way that is lost in the middle looks whole to nobody: not to the program, nor to the service', async () => {
    await lend(endpoint());
    const connection = await agent.link.tunnel();
    serving.push(serveTunnel(connection, lentAt));
    const program = net.connect({ port, host: '127.0.0.1', allowHalfOpen: true });
    const cut = once(program, 'error');
    program.write('half an upload');
    const [service] = (await once(shop, 'connection')) as [net.Socket];
    await once(service, 'data');
    const ended: string[] = [];
    service.on('end', () => ended.push('end')).on('error', () => ended.push('reset'));
    const closed = new Promise((done) => service.once('close', done));
    connection.destroy();
    expect(await cut).toMatchObject([{ code: 'ECONNRESET' }]);
    await closed;
    expect(ended).toEqual(['reset']);
  });

  it('what is not lent any more is closed, and its port is free', async () => {
    await lend(endpoint());
    await open();
    await lend();
    await expect(talk('x')).rejects.toMatchObject({ code: 'ECONNREFUSED' });
  });

  it('are for a sandbox that is somebody’s', async () => {
    await using warm = await startAgent({ claim: null });
    await expect(warm.link.tunnel()).rejects.toMatchObject({ code: 'conflict' });
  });
});

describe('their certificates', () => {
  it('are laid into the folder of a sandbox that has one, and go with the loan', async () => {
    const home = await startAgent({ config: { services: join(agent.folder, 'services') } });
    const run = async (code: string) =>
      (await home.link.run({ lang: 'sh', code, timeout: 5, fixtures: [], env: {} })).stdout;
    const folder = join(agent.folder, 'services');
    const files = { 'bundle.pem': 'all', 'certificates/0a1b2c3d.0': 'one' };
    await home.link.services({ endpoints: [], env: {}, files });
    expect(await run(`cd ${folder}; cat bundle.pem certificates/*; stat -c %a bundle.pem`)).toBe(
      'allone644\n',
    );
    await home.link.services({ endpoints: [], env: {}, files: { 'bundle.pem': 'other' } });
    expect(await run(`cd ${folder}; cat bundle.pem; find . -type f`)).toBe('other./bundle.pem\n');
    await home.link.services({ endpoints: [], env: {} });
    expect(await run(`find ${folder} -type f`)).toBe('');
    await home.stop();
  });

  it('are refused where the driver lays them, and under any name that leads elsewhere', async () => {
    const sent = agent.link.services({ endpoints: [], env: {}, files: { 'bundle.pem': 'x' } });
    await expect(sent).rejects.toMatchObject({ code: 'bad-request' });
    const away = agent.link.services({ endpoints: [], env: {}, files: { '../bundle.pem': 'x' } });
    await expect(away).rejects.toMatchObject({ code: 'bad-request' });
  });
});

/** Two ends of one connection. */
async function pair(): Promise<[net.Socket, net.Socket]> {
  const server = net.createServer();
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const inside = net.connect((server.address() as net.AddressInfo).port, '127.0.0.1');
  const [outside] = (await once(server, 'connection')) as [net.Socket];
  server.close();
  return [inside, outside];
}
