/** Services inside: the real agent listens, carries, and stops; what a learner can do to it. */
import { once } from 'node:events';
import { rm } from 'node:fs/promises';
import net from 'node:net';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { clientOn } from '../../sandboxes/link/terminal-client.ts';
import { freePort } from '../../services/testing/tiny-service.ts';
import { startAgent } from '../testing/start-agent.ts';
import type { StartedAgent } from '../testing/start-agent.ts';
import { carry } from './carrier.ts';
import { parseLent } from './lent.ts';

let agent: StartedAgent;
let shop: net.Server;
let socket: string;
let port: number;
/** what the shop's clients said, and its side of each connection */
let served: net.Socket[];

/** Says back in capitals once the other side has said all: nothing of it works without half-closed connections. */
beforeEach(async () => {
  agent = await startAgent();
  socket = join(agent.folder, 'shop.sock');
  served = [];
  shop = net.createServer({ allowHalfOpen: true }, (client) => {
    served.push(client);
    let heard = '';
    client.on('data', (part: Buffer) => (heard += part.toString()));
    client.on('end', () => client.end(heard.toUpperCase()));
    client.on('error', () => client.destroy());
  });
  shop.listen(socket);
  await once(shop, 'listening');
  port = await freePort();
});
afterEach(async () => {
  await agent.stop();
  for (const client of served) client.destroy();
  shop.close();
});

const endpoint = (at = port, to = socket) => ({
  service: 'tiny',
  host: 'shop.tiny.test',
  port: at,
  socket: to,
});
const lend = (...endpoints: ReturnType<typeof endpoint>[]) => agent.link.services({ endpoints, env: {} });
async function talk(words: string, at = port): Promise<string> {
  const client = net.connect({ port: at, host: '127.0.0.1', allowHalfOpen: true });
  await once(client, 'connect');
  client.end(words);
  return Buffer.concat((await client.toArray()) as Buffer[]).toString();
}

describe('services inside a sandbox', () => {
  it('are refused until they are lent, carried while they are, refused again after', async () => {
    await expect(talk('x')).rejects.toMatchObject({ code: 'ECONNREFUSED' });
    await lend(endpoint());
    expect(await talk('bread, please')).toBe('BREAD, PLEASE');
    expect((await agent.link.status()).services).toEqual([
      { service: 'tiny', host: 'shop.tiny.test', port, listening: true, open: 0, refused: 0 },
    ]);
    const open = net.connect({ port, host: '127.0.0.1' });
    await once(open, 'connect');
    const closed = once(open, 'close');
    open.resume();
    await lend();
    await closed;
    await expect(talk('x')).rejects.toMatchObject({ code: 'ECONNREFUSED' });
    expect((await agent.link.status()).services).toEqual([]);
  });

  it('the same again keeps connections; another socket or port changes only that', async () => {
    await lend(endpoint());
    const open = net.connect({ port, host: '127.0.0.1', allowHalfOpen: true });
    await once(open, 'connect');
    const second = await freePort();
    await lend(endpoint(), endpoint(second));
    expect(await talk('two', second)).toBe('TWO');
    open.end('still here');
    expect(Buffer.concat((await open.toArray()) as Buffer[]).toString()).toBe('STILL HERE');
  });

  it('carry megabytes both ways, slow readers and all', async () => {
    await lend(endpoint());
    const client = net.connect({ port, host: '127.0.0.1', allowHalfOpen: true });
    await once(client, 'connect');
    client.end(Buffer.alloc(20_000_000, 'a'));
    await wait(200); // nobody reads yet: everything between must wait and lose nothing
    let length = 0;
    for await (const part of client) length += (part as Buffer).length;
    expect(length).toBe(20_000_000);
  });

  it('that are down reset the connection, and are reached again when they are back', async () => {
    await lend(endpoint());
    const closed = once(shop, 'close');
    shop.close();
    await closed;
    await rm(socket, { force: true });
    await expect(talk('x')).rejects.toMatchObject({ code: 'ECONNRESET' });
    shop.listen(socket);
    await once(shop, 'listening');
    expect(await talk('again')).toBe('AGAIN');
  });

  it('survive a flood: so many at a time, the rest turned away, terminals unharmed', async () => {
    await lend(endpoint());
    const flood = Array.from({ length: 400 }, () => net.connect({ port, host: '127.0.0.1' }));
    for (const client of flood) client.on('error', () => undefined);
    // how many are turned away by now is the kernel's: what its queue of 64 cannot hold comes again after 1, 3, 7 … s
    await expect
      .poll(async () => (await agent.link.status()).services?.[0], { timeout: 15_000 })
      .toMatchObject({ open: 128, refused: expect.toSatisfy((n: number) => n > 0) as number });
    const client = clientOn(await agent.link.terminalSocket('1', 'write'));
    expect(await client.run('echo alive')).toContain('alive');
    await client.close();
    for (const one of flood) one.destroy();
    await expect
      .poll(async () => (await agent.link.status()).services?.[0]?.open, { timeout: 15_000 })
      .toBe(0);
    expect(await talk('after')).toBe('AFTER');
  });

  it('a port that a program of the learner’s has is said, and theirs stays', async () => {
    const warnings: string[] = [];
    const connected = Promise.withResolvers<undefined>();
    using _events = agent.link.events((event) => {
      if (event.type === 'hello') connected.resolve(undefined);
      if (event.type === 'warning') warnings.push(event.text);
    });
    await connected.promise;
    const theirs = net.createServer().listen(port, '127.0.0.1');
    await once(theirs, 'listening');
    await lend(endpoint());
    await expect
      .poll(() => warnings.join(' '), { timeout: 15_000 })
      .toContain(`a program of yours listens on port ${port}`);
    expect((await agent.link.status()).services?.[0]?.listening).toBe(false);
    theirs.close();
    await lend(endpoint());
    expect(await talk('now')).toBe('NOW');
  });

  it('are no ports to preview: neither told nor tunnelled', async () => {
    const told: number[][] = [];
    using _events = agent.link.events(
      (event) => event.type === 'ports' && told.push(event.ports.map((one) => one.port)),
    );
    const theirs = net.createServer((client) => client.end('mine')).listen(0, '127.0.0.1');
    await once(theirs, 'listening');
    const own = (theirs.address() as net.AddressInfo).port;
    await lend(endpoint());
    await expect(agent.link.port(port)).rejects.toMatchObject({ code: 'not-found' });
    const tunnel = await agent.link.port(own);
    expect(Buffer.concat((await tunnel.toArray()) as Buffer[]).toString()).toBe('mine');
    await expect.poll(() => told.flat(), { timeout: 15_000 }).toContain(own);
    expect(told.flat()).not.toContain(port);
    theirs.close();
  });

  it('bring their environment to scripts and to shells that open then, below what is the learner’s own', async () => {
    await agent.link.services({
      endpoints: [],
      env: { SSL_CERT_FILE: '/run/bundle.pem', USER: 'root', PATH: '/evil' },
    });
    const run = { lang: 'sh' as const, timeout: 5, fixtures: [], env: {} };
    const { stdout } = await agent.link.run({ ...run, code: 'echo $SSL_CERT_FILE $USER; echo $PATH' });
    expect(stdout).toMatch(/^\/run\/bundle\.pem st07\n(?!.*evil)/);
    const client = clientOn(await agent.link.terminalSocket('env', 'write'));
    expect(await client.run('echo $SSL_CERT_FILE')).toContain('/run/bundle.pem');
    await client.close();
    await lend();
    expect((await agent.link.run({ ...run, code: 'echo "<$SSL_CERT_FILE>"' })).stdout).toBe('<>\n');
  });

  it('are for a sandbox that is somebody’s', async () => {
    await using warm = await startAgent({ claim: null });
    await expect(warm.link.services({ endpoints: [], env: {} })).rejects.toMatchObject({ code: 'conflict' });
  });
});

describe('what is read of them', () => {
  const good = endpoint(31447, '/s.sock');
  it('what fits', () => {
    expect(parseLent({ endpoints: [good], env: { A: 'b' } })).toEqual({ endpoints: [good], env: { A: 'b' } });
  });
  it.each([
    [{}],
    [{ endpoints: [], env: null }],
    [{ endpoints: [{ ...good, port: 80 }], env: {} }],
    [{ endpoints: [{ ...good, port: '31447' }], env: {} }],
    [{ endpoints: [{ ...good, socket: 'relative' }], env: {} }],
    [{ endpoints: [{ ...good, socket: `/${'x'.repeat(107)}` }], env: {} }],
    [{ endpoints: [{ ...good, service: '../x' }], env: {} }],
    [{ endpoints: [good, { ...good, host: 'other.test' }], env: {} }],
    [{ endpoints: [null], env: {} }],
    [{ endpoints: [], env: { 'bad name': 'x' } }],
    [{ endpoints: Array.from({ length: 65 }, (_, i) => ({ ...good, port: 2000 + i })), env: {} }],
  ])('and nothing else: %j', (body) => {
    expect(() => parseLent(body as Record<string, unknown>)).toThrow('do not fit the contract');
  });

  it('a carrier on a taken port is none', async () => {
    const dial = () => ({ stream: net.connect({ path: socket }), isWhole: () => true });
    const first = await carry(port, dial);
    expect(await carry(port, dial)).toBeNull();
    await first?.close();
    const again = (await carry(port, dial)) ?? expect.fail();
    await again.close();
  });
});
