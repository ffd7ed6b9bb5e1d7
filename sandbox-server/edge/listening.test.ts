import { once } from 'node:events';
import { connect } from 'node:net';
import { describe, expect, it } from 'vitest';
import { Config } from '../contract/config.ts';
import { listen, refuseUnsafeAddress } from './listening.ts';

const oidc = { issuer: 'https://iam.example.org', clientId: 'palestra' };
const refuse = (settings: object) => () => refuseUnsafeAddress(Config.parse(settings));
const FORBIDDEN = expect.objectContaining({ code: 'forbidden' }) as Error;

describe('T69 where the server may listen', () => {
  it.each([
    {},
    { host: '::1' },
    { host: 'localhost', url: 'http://localhost:4747' },
    { host: '127.0.0.1', url: 'https://palestra.example.org', oidc },
    { host: '0.0.0.0', url: 'https://palestra.example.org', oidc },
    { host: '::', url: 'https://palestra.example.org', oidc },
  ])('may: %o', (settings) => {
    expect(refuse(settings)).not.toThrow();
  });
  it.each([
    { host: '0.0.0.0' },
    { host: '0.0.0.0', oidc },
    { host: '0.0.0.0', url: 'https://palestra.example.org' },
    { host: '::', url: 'http://localhost:4747', oidc },
    { host: '192.0.2.1', url: 'http://palestra.example.org', oidc },
    { host: '127.0.0.1', url: 'http://palestra.example.org', oidc },
    { host: '127.0.0.1.evil.org' },
  ])('may not: %o', (settings) => {
    expect(refuse(settings)).toThrow(FORBIDDEN);
  });
  it('says what is missing', () => {
    expect(refuse({ host: '0.0.0.0' })).toThrow(/url: https.* and oidc/);
  });
});

describe('a listener', () => {
  const answers = {
    request: (_: unknown, response: { end(text: string): void }) => response.end('ok'),
    upgrade: () => undefined,
  };
  it('answers on both loopback addresses, or on the one there is', async () => {
    const listener = await listen({ host: '127.0.0.1', port: 0 }, answers);
    expect(await (await fetch(`http://127.0.0.1:${listener.port}`)).text()).toBe('ok');
    await listener.close(100);
  });
  it('says in a sentence that a port is taken', async () => {
    const listener = await listen({ host: '127.0.0.1', port: 0 }, answers);
    await expect(listen({ host: '127.0.0.1', port: listener.port }, answers)).rejects.toMatchObject({
      code: 'conflict',
    });
    await listener.close(100);
  });
  it('cuts what does not end by itself', async () => {
    const listener = await listen({ host: '127.0.0.1', port: 0 }, { ...answers, request: () => undefined });
    const socket = connect(listener.port, '127.0.0.1');
    socket.on('error', () => undefined).write('GET / HTTP/1.1\r\nHost: x\r\n\r\n');
    await once(socket, 'connect');
    const ended = once(socket.resume(), 'close');
    await listener.close(100);
    await ended;
  });
});
