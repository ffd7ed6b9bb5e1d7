/** Signing in at the development provider's page: personas, registration, and everybody who means ill. */
import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { browser, type Page } from '../testing/browser.ts';
import { COOKIE, startPortal, type Portal } from '../testing/portal.ts';
import { signIn, type Who } from '../testing/sign-in.ts';

const meOf = (page: Page): unknown => JSON.parse(page.body);

describe('the sign-in page', () => {
  let portal: Portal;
  beforeAll(async () => {
    portal = await startPortal();
  });
  afterAll(() => portal.close());
  const pageFor = (at = browser(), hint?: string) =>
    at
      .get(`${portal.url}/auth/login`)
      .then((page) =>
        hint === undefined
          ? page
          : withHint(at, at.visited.find((v) => v.includes('/idp/authorize')) ?? '', hint),
      );
  const withHint = (at: ReturnType<typeof browser>, authorize: string, hint: string) =>
    at.get(`${authorize}&login_hint=${encodeURIComponent(hint)}`);

  it.each([
    ['ada', 'Ada Lovelace', ['icsc', 'icsc/users'], ['learner']],
    [
      'enrico',
      'Enrico Fermi',
      ['icsc', 'icsc/palestra/instructors', 'icsc/users'],
      ['learner', 'instructor'],
    ],
    ['emmy', 'Emmy Noether', ['icsc', 'icsc/palestra/authors', 'icsc/users'], ['learner', 'author']],
  ] as const)('signs %s in', async (persona, name, groups, roles) => {
    const { page } = await signIn(portal.url, { persona }, browser(), '/courses/dask/');
    expect(meOf(page)).toMatchObject({ login: persona, name, groups, roles });
    expect(page.url.pathname).toBe('/courses/dask/');
  });

  it('registers whoever names themself, always a plain member, and knows them again', async () => {
    const first = await signIn(portal.url, { username: 'st07', name: 'Grace Hopper' });
    expect(meOf(first.page)).toMatchObject({
      login: 'st07',
      name: 'Grace Hopper',
      groups: ['icsc', 'icsc/users'],
      roles: ['learner'],
    });
    const again = await signIn(portal.url, { username: 'ST07 ', name: 'Somebody Else' });
    expect(meOf(again.page)).toMatchObject({
      ...(meOf(first.page) as object),
      until: expect.any(Number) as unknown,
    });
  });

  it('signs a class of 28 in at once', async () => {
    const names = Array.from({ length: 28 }, (_, i) => `class${i}`);
    const class28 = await Promise.all(names.map((username) => signIn(portal.url, { username })));
    expect(class28.map(({ page }) => (meOf(page) as { login: string }).login)).toEqual(names);
    expect(new Set(class28.map((s) => s.browser.cookie(COOKIE))).size).toBe(28);
  });

  it.each<[string, Record<string, string>]>([
    ['a persona’s name by the form', { username: 'enrico' }],
    ['capitals and signs', { username: 'a b' }],
    ['a name that begins with a digit', { username: '7up' }],
    ['26 characters', { username: 'a'.repeat(26) }],
    ['a long full name', { username: 'long', name: 'x'.repeat(101) }],
    ['nobody', {}],
    ['an unknown persona', { persona: 'mallory' }],
    ['somebody’s account without their session', { account: '00000000-0000-8000-a000-000000000000' }],
    ['a forged group', { persona: '__proto__', groups: 'icsc/palestra/authors' }],
  ])('refuses %s with a sentence, and the form stays', async (_what, form) => {
    const { page } = await signIn(portal.url, form as unknown as Who);
    expect(page.status).toBe(422);
    expect(page.body).toMatch(/role="alert">[^<]{20,}</);
    expect(page.body).toContain('name="username"');
  });

  it('escapes whatever was typed or hinted (XSS)', async () => {
    const evil = `"><script>alert(1)</script><img src=x onerror='alert(1)'>`;
    const { page } = await signIn(portal.url, { username: evil, name: evil });
    expect(page.body).not.toMatch(/<script|<img/);
    expect(page.body).toContain('&quot;&gt;&lt;script&gt;');
    expect((await pageFor(browser(), evil)).body).not.toMatch(/<script|<img/);
    const named = await signIn(portal.url, { username: 'evilname', name: evil });
    const back = await named.browser.get(`${portal.url}/auth/login`);
    expect(back.body).toContain('Continue as &quot;&gt;&lt;script&gt;');
    expect(back.body).not.toMatch(/<script|<img/);
  });

  it('needs no script and allows none, nor a frame', async () => {
    const page = await pageFor();
    expect(page.headers.get('content-security-policy')).toMatch(
      /^default-src 'none'; style-src 'sha256-[^']+'; form-action 'self' http:\/\/localhost:\d+; base-uri 'none'; frame-ancestors 'none'$/,
    );
    expect(page.headers.get('cache-control')).toBe('no-store');
    expect(page.body).toContain('Development identity provider');
    expect(page.body).toContain('no passwords');
  });

  it('has the hinted name filled in', async () => {
    expect((await pageFor(browser(), 'st07')).body).toContain('value="st07"');
  });

  it('does nothing for a form posted from elsewhere: the browser’s cookie for this sign-in is missing or another', async () => {
    const mine = await pageFor();
    const stranger = browser();
    expect((await stranger.post(mine.url, { persona: 'emmy' })).status).toBe(400);
    const own = await pageFor(stranger);
    // even with its own cookies sent to the other's address
    for (const name of ['palestra_idp_step', 'palestra_idp_step.sig'])
      stranger.setCookie(name, stranger.cookie(name) ?? 'none');
    const crossed = await stranger.post(mine.url, { persona: 'emmy' });
    expect([own.status, crossed.status]).toEqual([200, 400]);
    expect(crossed.body).toContain('belongs to another browser');
    expect(stranger.cookie(COOKIE)).toBeUndefined();
  });

  it('remembers who was here last, lets them go on by a click, and lets somebody else in instead', async () => {
    const { browser: at, page } = await signIn(portal.url, {
      username: 'returning',
      name: 'Rosalind Franklin',
    });
    const back = await at.get(`${portal.url}/auth/login`);
    expect(back.body).toContain('Continue as Rosalind Franklin');
    const account = /name="account" value="([^"]+)"/.exec(back.body)?.[1] ?? '';
    expect(meOf(await at.post(back.url, { account }))).toMatchObject({
      id: (meOf(page) as { id: string }).id,
    });
    const other = await signIn(portal.url, { persona: 'emmy' }, at);
    expect(meOf(other.page)).toMatchObject({ login: 'emmy' });
    expect((await at.get(`${portal.url}/auth/login`)).body).toContain('Continue as Emmy Noether');
  });

  it('refuses a form longer than any of its own', async () => {
    const { page } = await signIn(portal.url, { username: 'x'.repeat(20_000) });
    expect(page.status).toBe(413);
  });

  it('says it plainly where a sign-in is over or never was', async () => {
    const at = browser();
    const page = await pageFor(at);
    await at.post(page.url, { persona: 'ada' });
    expect((await at.get(page.url)).body).toContain('Go back and sign in again');
    expect((await browser().get(`${portal.url}/idp/interaction/nonsense`)).status).toBe(400);
    expect((await browser().get(`${portal.url}/idp/no-such-page`)).status).toBe(404);
  });

  it('keeps its cookies to its own path', async () => {
    const { browser: at } = await signIn(portal.url, { persona: 'ada' });
    const answer = await at.ask(`${portal.url}/auth/login`);
    const step = await at.ask(answer.headers.get('location') ?? '');
    const cookies = step.headers.getSetCookie();
    expect(cookies.length).toBeGreaterThan(0);
    for (const cookie of cookies) expect(cookie).toMatch(/path=\/idp\/.*samesite=lax; httponly/i);
  });
});

describe('the whole way', () => {
  let portal: Portal;
  beforeEach(async () => {
    portal = await startPortal({ provider: { lifetimes: { access: 2 } } });
  });
  afterEach(() => portal.close());

  it('T22 a callback replayed by the browser’s back button is refused, and the session stays', async () => {
    const { browser: at } = await signIn(portal.url, { persona: 'ada' });
    const callback = portal.lastCallback();
    const again = await at.get(callback ?? '');
    expect([again.status, JSON.parse(again.body)]).toEqual([
      401,
      expect.objectContaining({ code: 'not-signed-in', details: { reason: 'flow-used' } }),
    ]);
    expect(await portal.identity.signedIn(at.cookie(COOKIE))).not.toBeNull();
  });

  it('T23 a callback brought to another browser signs nobody in there', async () => {
    const victim = browser();
    await victim.get(`${portal.url}/auth/login`);
    await signIn(portal.url, { persona: 'emmy' });
    const lured = await victim.get(portal.lastCallback() ?? '');
    expect(JSON.parse(lured.body)).toMatchObject({ details: { reason: 'wrong-state' } });
    expect(victim.cookie(COOKIE)).toBeUndefined();
  });

  it('a restart keeps keys, registrations, sessions and refresh tokens', async () => {
    const { browser: at, page } = await signIn(portal.url, { username: 'st07', name: 'Grace Hopper' });
    const { id } = meOf(page) as { id: string };
    const { token } = await portal.identity.sandboxToken(id, 'rucio', 'openid');
    await portal.restart();
    // the access token of two seconds is over by now: this renews at the restarted provider
    await new Promise((done) => setTimeout(done, 2100));
    expect(await portal.identity.signedIn(at.cookie(COOKIE))).toMatchObject({
      person: { id, login: 'st07' },
    });
    const renewed = await portal.identity.sandboxToken(id, 'rucio', 'openid');
    expect(renewed.token).not.toBe(token);
    const back = await at.get(`${portal.url}/auth/login`);
    expect(back.body).toContain('Continue as Grace Hopper');
    expect(meOf((await signIn(portal.url, { username: 'st07' })).page)).toMatchObject({
      id,
      name: 'Grace Hopper',
    });
  });

  it('sandboxes get twenty minutes of a token for one audience, and sign-out ends it at the provider', async () => {
    const { browser: at, page } = await signIn(portal.url, { persona: 'ada' });
    const { id } = meOf(page) as { id: string };
    const { token, expiresAt } = await portal.identity.sandboxToken(id, 'xrootd', 'storage.read:/icsc');
    expect(expiresAt - Date.now()).toBeGreaterThan(1190_000);
    const inspect = async () => {
      const body = new URLSearchParams({
        token,
        client_id: 'palestra',
        client_secret: portal.provider?.clientSecret ?? '',
      });
      return (await fetch(`${portal.url}/idp/introspect`, { method: 'POST', body })).json();
    };
    expect(await inspect()).toMatchObject({ active: true, aud: 'xrootd', scope: 'storage.read:/icsc' });
    await portal.identity.signOut(at.cookie(COOKIE) ?? '');
    await expect.poll(inspect, { timeout: 5000 }).toEqual({ active: false });
  });

  it('keeps its state for this user alone', async () => {
    await signIn(portal.url, { persona: 'ada' });
    const folder = join(portal.folder, 'idp');
    const names = await readdir(folder);
    expect(names).toEqual(expect.arrayContaining(['clients.json', 'cookies.key', 'idp.db', 'keys.json']));
    for (const name of names)
      expect([name, (await stat(join(folder, name))).mode & 0o077]).toEqual([name, 0]);
    expect((await stat(folder)).mode & 0o077).toBe(0);
  });
});
