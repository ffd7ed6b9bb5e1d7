import { describe, expect, it } from 'vitest';
import { createHosts } from './hosts.ts';

const ID = 'abcdefghij234567abcd';
const local = createHosts(4747, undefined);
const behindTls = createHosts(4747, 'https://palestra.example.org/');

describe('a Host header', () => {
  it('means the site', () => {
    expect(local.meaning('localhost:4747')).toEqual({ kind: 'portal', origin: 'http://localhost:4747' });
    expect(local.meaning('LOCALHOST:4747')).toEqual({ kind: 'portal', origin: 'http://localhost:4747' });
    expect(behindTls.meaning('palestra.example.org')).toEqual({
      kind: 'portal',
      origin: 'https://palestra.example.org',
    });
    expect(behindTls.portal.href).toBe('https://palestra.example.org/');
  });
  it('means a preview', () => {
    expect(local.meaning(`8787-${ID}.localhost:4747`)).toMatchObject({
      kind: 'preview',
      place: { port: 8787, sandbox: ID },
    });
    expect(behindTls.meaning(`8787-${ID}.palestra.example.org`)).toMatchObject({ kind: 'preview' });
    expect(behindTls.meaning(`8787-${ID}.localhost:4747`)).toEqual({ kind: 'foreign' });
  });
  it('means this machine by number', () => {
    expect(local.meaning('127.0.0.1:4747').kind).toBe('by-number');
    expect(local.meaning('[::1]:4747').kind).toBe('by-number');
  });
  it.each([`65536-${ID}.localhost:4747`, '80@evil.localhost:4747', 'www.localhost:4747'])(
    'T37 means nothing that is served: %s',
    (host) => {
      expect(local.meaning(host)).toEqual({ kind: 'malformed' });
    },
  );
  it.each([
    undefined,
    '',
    'localhost',
    'localhost:80',
    'localhost:47470',
    'evil.org',
    'localhost.evil.org:4747',
    'evil-localhost:4747',
    'localhost:4747.evil.org',
    '0.0.0.0:4747',
    '127.0.0.2:4747',
    '127.1:4747',
    'localhost:4747,evil.org',
    'user@localhost:4747',
    'localhost:4747/',
  ])('T70 means somebody else: %s', (host) => {
    expect(local.meaning(host)).toEqual({ kind: 'foreign' });
  });
});
