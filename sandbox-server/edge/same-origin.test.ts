import { describe, expect, it } from 'vitest';
import { refuseCrossSite, refuseForeignOrigin } from './same-origin.ts';

const US = 'http://localhost:4747';
const CROSS = expect.objectContaining({ code: 'cross-site' }) as Error;
const post = (headers: Record<string, string>) => () => refuseCrossSite({ method: 'POST', headers }, US);
const get = (headers: Record<string, string>) => () => refuseCrossSite({ method: 'GET', headers }, US);
const OURS = { 'sec-fetch-site': 'same-origin', 'x-palestra': '1', cookie: '__Host-palestra=x' };

describe('a request that changes something', () => {
  it('passes from a page of ours, and from a program without a cookie', () => {
    expect(post(OURS)).not.toThrow();
    expect(post({ ...OURS, origin: US })).not.toThrow();
    expect(post({ 'x-palestra': '1' })).not.toThrow();
  });
  it.each([
    ['from another site', { ...OURS, 'sec-fetch-site': 'cross-site' }],
    ['from a preview below our host', { ...OURS, 'sec-fetch-site': 'same-site' }],
    ['typed into the address bar', { ...OURS, 'sec-fetch-site': 'none' }],
    ['without X-Palestra', { 'sec-fetch-site': 'same-origin', cookie: 'a=b' }],
    ['with another X-Palestra', { ...OURS, 'x-palestra': '0' }],
    ['with a cookie and no word where from', { 'x-palestra': '1', cookie: '__Host-palestra=x' }],
    ['with a foreign Origin', { ...OURS, origin: 'http://evil.org' }],
    ['with Origin null', { ...OURS, origin: 'null' }],
    ['with two Sec-Fetch-Site', { ...OURS, 'sec-fetch-site': 'same-origin, cross-site' }],
  ])('T13 is refused %s', (_how, headers) => {
    expect(post(headers as Record<string, string>)).toThrow(CROSS);
  });
});

describe('a request that reads', () => {
  it('passes from a page, the address bar, a program', () => {
    for (const headers of [{ 'sec-fetch-site': 'same-origin' }, { 'sec-fetch-site': 'none' }, {}])
      expect(get(headers)).not.toThrow();
  });
  it('T11 is refused from another site and from learners’ pages', () => {
    for (const site of ['cross-site', 'same-site']) expect(get({ 'sec-fetch-site': site })).toThrow(CROSS);
  });
});

describe('an upgrade', () => {
  const upgrade = (headers: Record<string, string>) => () => refuseForeignOrigin(headers, US);
  it('passes from our pages', () => {
    expect(upgrade({ origin: US })).not.toThrow();
    expect(upgrade({ origin: US, 'sec-fetch-site': 'same-origin' })).not.toThrow();
  });
  it.each([
    [{}],
    [{ origin: 'null' }],
    [{ origin: '' }],
    [{ origin: 'http://localhost:4747.evil.org' }],
    [{ origin: 'http://evil-localhost:4747' }],
    [{ origin: 'http://x.localhost:4747' }],
    [{ origin: 'http://localhost:47470' }],
    [{ origin: 'http://localhost' }],
    [{ origin: 'https://localhost:4747' }],
    [{ origin: 'http://localhost:4747/' }],
    [{ origin: 'http://LOCALHOST:4747' }],
    [{ origin: 'http://127.0.0.1:4747' }],
    [{ origin: `${US}, http://evil.org` }],
    [{ origin: US, 'sec-fetch-site': 'cross-site' }],
  ])('T1 is refused with %o', (headers) => {
    expect(upgrade(headers as Record<string, string>)).toThrow(CROSS);
  });
});
