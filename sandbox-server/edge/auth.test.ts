import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { edgeGround } from './testing/edge-ground.ts';
import type { EdgeGround } from './testing/edge-ground.ts';
import { labOf } from './testing/two-learners.ts';

let ground: EdgeGround;
beforeEach(async () => {
  ground = await edgeGround();
});
afterEach(() => ground[Symbol.asyncDispose]());
const FLOW = '__Host-palestra-flow=flow-value';

describe('signing in', () => {
  it('leads to the provider, with a short cookie that binds this browser', async () => {
    const answer = await ground.ask('/auth/login?next=/courses/dask/%3Fstart', {
      headers: { 'sec-fetch-site': 'cross-site' },
    });
    expect(answer).toMatchObject({
      status: 302,
      headers: { location: 'http://provider.example/authorize?x=1' },
    });
    expect(answer.headers['set-cookie']).toEqual([
      '__Host-palestra-flow=flow-value; Max-Age=600; Path=/; HttpOnly; Secure; SameSite=Lax',
    ]);
    expect(ground.identity.begun).toEqual(['/courses/dask/?start']);
  });
  it.each(['//evil.org', 'https:evil.org', '/\\evil.org', '%0d%0aSet-Cookie:%20a=b', 'a&next=//b'])(
    'T14 next=%s leads home',
    async (next) => {
      await ground.ask(`/auth/login?next=${next}`);
      expect(ground.identity.begun).toEqual(['/']);
    },
  );
  it('comes back with the session’s cookie and forgets the flow', async () => {
    await ground.ask('/auth/login?next=/courses/');
    const answer = await ground.ask('/auth/callback?code=c&state=s', {
      headers: { cookie: FLOW, 'sec-fetch-site': 'cross-site' },
    });
    expect(answer).toMatchObject({
      status: 302,
      headers: { location: '/courses/', 'cache-control': 'no-store' },
    });
    const cookies = answer.headers['set-cookie'] ?? [];
    expect(cookies[0]).toMatch(/^__Host-palestra-flow=; .*Expires=Thu, 01 Jan 1970/);
    expect(cookies[1]).toMatch(
      /^__Host-palestra=ada; Max-Age=3\d{3}; Path=\/; HttpOnly; Secure; SameSite=Lax$/,
    );
    expect(ground.identity.finished[0]?.callback.href).toBe(
      `${ground.url.origin}/auth/callback?code=c&state=s`,
    );
  });
  it('T23 from another browser is a page that says so, escaped, with a way on', async () => {
    const answer = await ground.ask('/auth/callback?code=c&state=s');
    expect(answer).toMatchObject({ status: 401, headers: { 'content-type': 'text/html; charset=utf-8' } });
    expect(answer.body).toContain('This login began in &lt;another&gt; browser.');
    expect(answer.body).toContain('href="/auth/login"');
    expect(answer.headers['set-cookie']?.join()).not.toContain('__Host-palestra=');
  });
  it('T12 a doubled flow cookie is none', async () => {
    await ground.ask('/auth/callback?code=c', { headers: { cookie: `${FLOW}; ${FLOW}` } });
    expect(ground.identity.finished[0]?.flow).toBe(undefined);
  });
});

describe('a session', () => {
  const me = async (cookie: string) =>
    (await ground.ask('/api/session', { headers: { cookie } })).json as { me: { login: string } | null };
  it('T12 is nobody’s where its cookie was tossed in twice', async () => {
    expect((await me('__Host-palestra=ada')).me?.login).toBe('ada');
    expect((await me('__Host-palestra=ada; __Host-palestra=bob')).me).toBe(null);
    expect((await me('__Host-palestra=bob; a=b; __Host-palestra=bob')).me).toBe(null);
    expect((await me('__host-palestra=ada')).me).toBe(null);
    expect((await me('__Host-palestra=nobody')).me).toBe(null);
  });
  it('ends by signing out: the cookie goes, and so do streams', async () => {
    const answer = await ground.ask('/auth/logout', { as: 'ada', method: 'POST' });
    expect(answer).toMatchObject({ status: 204, body: '' });
    expect(answer.headers['set-cookie']?.[0]).toMatch(/^__Host-palestra=; .*Expires=Thu, 01 Jan 1970/);
    expect((await me('__Host-palestra=ada')).me).toBe(null);
    expect((await ground.ask(`/api/labs/${labOf('ada')}`, { as: 'ada' })).status).toBe(401);
    expect((await ground.ask('/auth/logout', { method: 'POST' })).status).toBe(204);
  });
  it('T13 is not ended by another site', async () => {
    expect(
      (
        await ground.ask('/auth/logout', {
          as: 'ada',
          method: 'POST',
          headers: { 'sec-fetch-site': 'cross-site' },
        })
      ).status,
    ).toBe(403);
    expect((await me('__Host-palestra=ada')).me?.login).toBe('ada');
  });
});
