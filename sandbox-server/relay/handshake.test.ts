import { PassThrough } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { acceptOf, acceptUpgrade, handshakeKey, ticketIn } from './handshake.ts';

const KEY = 'dGhlIHNhbXBsZSBub25jZQ==';
const SOUND = { 'sec-websocket-key': KEY, 'sec-websocket-version': '13' };
const request = (headers: Record<string, string>, lines = 10, method = 'GET') => ({
  method,
  headers: { ...SOUND, ...headers },
  rawHeaders: Array<string>(lines * 2).fill('a'),
});

describe('a handshake', () => {
  it('gives the key of a sound one, whatever ordinary extensions it offers', () => {
    expect(handshakeKey(request({}))).toBe(KEY);
    const offered = 'permessage-deflate; client_max_window_bits, x-webkit-deflate-frame; a="1.5"';
    expect(handshakeKey(request({ 'sec-websocket-extensions': offered }))).toBe(KEY);
  });

  it.each([
    ['a POST', request({}, 10, 'POST')],
    ['no key', request({ 'sec-websocket-key': '' })],
    ['a key that is not 16 bytes', request({ 'sec-websocket-key': 'c2hvcnQ=' })],
    ['an old version', request({ 'sec-websocket-version': '8' })],
    ['2,000 headers', request({}, 2000)],
    ['extensions without end', request({ 'sec-websocket-extensions': 'permessage-deflate;'.repeat(50) })],
    ['extensions of control characters', request({ 'sec-websocket-extensions': 'a\u0001b' })],
  ])('T6 refuses %s', (_what, hostile) => {
    expect(() => handshakeKey(hostile)).toThrow(expect.objectContaining({ code: 'bad-request' }) as Error);
  });

  it('is answered as RFC 6455 computes it, with our subprotocol and nothing else', () => {
    expect(acceptOf(KEY)).toBe('s3pPLMBiTxaQ9kYGzzhZRbK+xOo=');
    const socket = new PassThrough();
    acceptUpgrade(socket, KEY);
    expect(String(socket.read()).split('\r\n')).toEqual([
      'HTTP/1.1 101 Switching Protocols',
      'Upgrade: websocket',
      'Connection: Upgrade',
      'Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=',
      'Sec-WebSocket-Protocol: palestra.terminal.v1',
      '',
      '',
    ]);
  });
});

describe('the ticket in the subprotocol', () => {
  const ticket = 'a'.repeat(42) + '_';
  it('is found where a browser puts it', () => {
    expect(ticketIn(`palestra.terminal.v1, ticket.${ticket}`)).toBe(ticket);
    expect(ticketIn(`palestra.terminal.v1,ticket.${ticket}`)).toBe(ticket);
  });
  it.each([
    undefined,
    '',
    'palestra.terminal.v1',
    `ticket.${ticket}`,
    `ticket.${ticket}, palestra.terminal.v1`,
    `palestra.terminal.v2, ticket.${ticket}`,
    `palestra.terminal.v1, ticket.${ticket}x`,
    `palestra.terminal.v1, ticket.${ticket}, more`,
    `palestra.terminal.v1, ticket.${'='.repeat(43)}`,
  ])('T3 is not found in %s', (protocols) => {
    expect(ticketIn(protocols)).toBe(undefined);
  });
});
