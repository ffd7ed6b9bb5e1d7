import type { IncomingMessage } from 'node:http';
import { describe, expect, it } from 'vitest';
import { clientAddress, isLocal, isLoopback } from './address.ts';

const from = (remoteAddress: string | undefined, headers: Record<string, string> = {}) =>
  ({ socket: { remoteAddress }, headers }) as unknown as IncomingMessage;

describe('a client’s address', () => {
  it('is the peer’s', () => {
    expect(clientAddress(from('192.0.2.7'), false)).toBe('192.0.2.7');
    expect(clientAddress(from(undefined), false)).toBe('gone');
  });
  it('T2 is not what a peer claims', () => {
    expect(clientAddress(from('192.0.2.7', { 'x-forwarded-for': '10.0.0.1' }), true)).toBe('192.0.2.7');
    expect(clientAddress(from('127.0.0.1', { 'x-forwarded-for': '10.0.0.1' }), false)).toBe('127.0.0.1');
  });
  it('is the last hop where our own proxy stands on this machine', () => {
    expect(clientAddress(from('127.0.0.1', { 'x-forwarded-for': '6.6.6.6, 192.0.2.7' }), true)).toBe(
      '192.0.2.7',
    );
    expect(clientAddress(from('::1', {}), true)).toBe('::1');
  });
});

it('local is this machine, without a proxy between', () => {
  expect(isLocal(from('::ffff:127.0.0.1'))).toBe(true);
  expect(isLocal(from('127.0.0.1', { 'x-forwarded-for': '192.0.2.7' }))).toBe(false);
  expect(isLocal(from('192.0.2.7'))).toBe(false);
  expect(isLoopback('127.0.0.1.evil.org')).toBe(false);
});
