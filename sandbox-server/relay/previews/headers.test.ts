import { describe, expect, it } from 'vitest';
import { toBrowser, toProgram } from './headers.ts';

const PLACE = {
  port: 8787,
  sandbox: 'x',
  origin: 'http://8787-x.localhost:4747',
  portal: 'http://localhost:4747',
};

describe('headers to a program', () => {
  it('are those of somebody who speaks to it directly', () => {
    const raw = [
      'Host',
      '8787-x.localhost:4747',
      'Accept',
      'text/html',
      'X-Requested-With',
      'a',
      'X-Requested-With',
      'b',
    ];
    expect(toProgram(raw, PLACE)).toEqual({
      accept: 'text/html',
      'x-requested-with': ['a', 'b'],
      host: 'localhost:8787',
      'x-forwarded-host': '8787-x.localhost:4747',
      'x-forwarded-proto': 'http',
    });
  });

  it('T38 carry no platform cookie and no Authorization', () => {
    const raw = [
      'Cookie',
      '__Host-palestra=secret; a=1',
      'cookie',
      '__HOST-Palestra-preview=secret; b=2',
      'AUTHORIZATION',
      'Bearer secret',
    ];
    const headers = toProgram(raw, PLACE);
    expect(headers['cookie']).toBe('a=1; b=2');
    expect(JSON.stringify(headers)).not.toContain('secret');
  });

  it('carry nothing hop-by-hop, nor what Connection names', () => {
    const raw = [
      'Connection',
      'keep-alive, X-Hop',
      'X-Hop',
      '1',
      'Keep-Alive',
      '5',
      'Transfer-Encoding',
      'chunked',
      'TE',
      'x',
      'Upgrade',
      'h2c',
      'Proxy-Authorization',
      'p',
    ];
    expect(Object.keys(toProgram(raw, PLACE))).toEqual(['host', 'x-forwarded-host', 'x-forwarded-proto']);
  });

  it('T2 take no forwarding header from the browser', () => {
    const headers = toProgram(
      ['X-Forwarded-Host', 'evil', 'X-Forwarded-For', 'evil', 'Forwarded', 'host=evil'],
      PLACE,
    );
    expect(JSON.stringify(headers)).not.toContain('evil');
  });

  it('say the program’s own origin for the preview’s, and null for others', () => {
    const own = toProgram(['Origin', PLACE.origin, 'Referer', `${PLACE.origin}/status?x`], PLACE);
    expect([own['origin'], own['referer']]).toEqual([
      'http://localhost:8787',
      'http://localhost:8787/status?x',
    ]);
    const foreign = toProgram(['Origin', 'http://evil', 'Referer', 'http://localhost:4747/courses/'], PLACE);
    expect([foreign['origin'], foreign['referer']]).toEqual(['null', undefined]);
  });
});

describe('headers to a browser', () => {
  it('let the portal alone frame it, whatever the program says', () => {
    const raw = [
      'X-Frame-Options',
      'DENY',
      'Content-Security-Policy',
      "default-src 'self'; frame-ancestors 'none'; img-src *",
      'Content-Security-Policy',
      "Frame-Ancestors 'none'",
    ];
    expect(toBrowser(raw, PLACE)).toEqual({
      'content-security-policy': [
        "default-src 'self'; img-src *",
        "frame-ancestors 'self' http://localhost:4747",
      ],
      'origin-agent-cluster': '?1',
    });
  });

  it('keep a program’s cookies on its own origin, and ours out of its hands', () => {
    const raw = [
      'Set-Cookie',
      '_xsrf=1; Domain=localhost; Path=/',
      'Set-Cookie',
      '__Host-palestra=evil; Path=/',
      'Set-Cookie',
      'b=2;domain; samesite=Lax; secure',
      'Set-Cookie',
      ' __HOST-PALESTRA-preview =evil',
    ];
    expect(toBrowser(raw, PLACE)['set-cookie']).toEqual([
      '_xsrf=1; Path=/; Secure; SameSite=None; Partitioned',
      'b=2; Secure; SameSite=None; Partitioned',
    ]);
  });

  it('say nothing that would reach the portal', () => {
    const headers = toBrowser(
      ['Clear-Site-Data', '"*"', 'Strict-Transport-Security', 'x', 'Alt-Svc', 'x'],
      PLACE,
    );
    expect(Object.keys(headers)).toEqual(['content-security-policy', 'origin-agent-cluster']);
  });

  it.each([
    ['http://localhost:8787/status', 'http://8787-x.localhost:4747/status'],
    ['http://127.0.0.1:8787', 'http://8787-x.localhost:4747'],
    ['http://[::1]:8787/?a', 'http://8787-x.localhost:4747/?a'],
    ['/status', '/status'],
    ['http://localhost:87870/x', 'http://localhost:87870/x'],
    ['http://localhost:8787.evil.org/', 'http://localhost:8787.evil.org/'],
    ['https://example.org/', 'https://example.org/'],
  ])('send %s to %s', (from, to) => {
    expect(toBrowser(['Location', from], PLACE)['location']).toBe(to);
  });
});
