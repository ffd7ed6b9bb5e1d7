/** The development provider's tokens beside those of INDIGO IAM 1.12.0, and what its token endpoint refuses. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { browser } from '../testing/browser.ts';
import {
  codeFor,
  credentials,
  decoded,
  get,
  portalProgram,
  post,
  tokensFor,
  type Program,
} from '../testing/endpoints.ts';
import { startPortal, type Portal } from '../testing/portal.ts';
import type { Client } from './clients.ts';
import { ACCESS_TOKEN, EXCHANGE } from '../exchange-grant.ts';
import { covers } from './token-exchange.ts';

const LOGIN = 'openid profile email offline_access';
const WLCG = `${LOGIN} wlcg.groups`;
const uuid = expect.stringMatching(
  /^[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-a[0-9a-f]{3}-[0-9a-f]{12}$/,
) as unknown;
const anyNumber = expect.any(Number) as unknown;
const anyText = expect.any(String) as unknown;

describe('the wlcg profile', () => {
  let portal: Portal;
  let program: Program;
  let token: string;
  const at = (path: string) => `${portal.url}/idp${path}`;
  beforeAll(async () => {
    portal = await startPortal();
    program = portalProgram(portal);
  });
  afterAll(() => portal.close());

  it('has discovery at IAM’s addresses, below the prefix', async () => {
    const { body } = await get(at('/.well-known/openid-configuration'));
    expect(body).toMatchObject({
      issuer: at(''),
      authorization_endpoint: at('/authorize'),
      token_endpoint: at('/token'),
      userinfo_endpoint: at('/userinfo'),
      jwks_uri: at('/jwk'),
      introspection_endpoint: at('/introspect'),
      revocation_endpoint: at('/revoke'),
      device_authorization_endpoint: at('/devicecode'),
    });
    expect(body).not.toHaveProperty('end_session_endpoint');
    expect(body.grant_types_supported).toContain(EXCHANGE);
    expect(body.scopes_supported).toContain('wlcg.groups');
  });

  it('publishes one public key, and nothing private of it', async () => {
    const { body } = await get(at('/jwk'));
    expect(body.keys).toEqual([expect.objectContaining({ kty: 'RSA', kid: 'rsa1' })]);
    for (const secret of ['d', 'p', 'q', 'dp', 'dq', 'qi'])
      expect((body.keys as object[])[0]).not.toHaveProperty(secret);
  });

  it('issues access and ID tokens like IAM’s', async () => {
    const { body } = await tokensFor(portal, program, { persona: 'enrico' }, WLCG);
    expect(body).toMatchObject({ token_type: 'Bearer', expires_in: 3600, refresh_token: anyText });
    token = String(body.access_token);
    const groups = ['/icsc', '/icsc/users', '/icsc/palestra/instructors'];
    const access = decoded(token);
    expect(access.header).toEqual({ kid: 'rsa1', alg: 'RS256' });
    expect(access.claims).toEqual({
      'wlcg.ver': '1.0',
      sub: uuid,
      aud: 'https://wlcg.cern.ch/jwt/v1/any',
      nbf: anyNumber,
      scope: WLCG,
      iss: at(''),
      exp: anyNumber,
      iat: anyNumber,
      jti: anyText,
      client_id: 'palestra',
      'wlcg.groups': groups,
    });
    expect(access.claims.exp).toBe((access.claims.iat ?? 0) + 3600);
    const id = decoded(body.id_token).claims;
    expect(id).toMatchObject({
      'wlcg.ver': '1.0',
      sub: access.claims.sub,
      aud: 'palestra',
      nonce: 'nonce',
      iss: at(''),
      preferred_username: 'enrico',
      name: 'Enrico Fermi',
      email: anyText,
      amr: ['pwd'],
      'wlcg.groups': groups,
    });
    expect(id).not.toHaveProperty('groups');
    expect(id).not.toHaveProperty('organisation_name');
  });

  it('says nothing of groups without the scope wlcg.groups', async () => {
    const { body } = await tokensFor(portal, program, { persona: 'ada' }, LOGIN);
    expect(decoded(body.access_token).claims).not.toHaveProperty(['wlcg.groups']);
    expect(decoded(body.id_token).claims).not.toHaveProperty(['wlcg.groups']);
    expect(decoded(body.id_token).claims).not.toHaveProperty('groups');
  });

  it('answers userinfo and introspection for its JWTs', async () => {
    const userinfo = await get(at('/userinfo'), token);
    expect(userinfo.body).toMatchObject({
      sub: uuid,
      preferred_username: 'enrico',
      'wlcg.groups': ['/icsc', '/icsc/users', '/icsc/palestra/instructors'],
    });
    const inspected = await post(at('/introspect'), { token, ...credentials(program) });
    expect(inspected.body).toMatchObject({
      active: true,
      client_id: 'palestra',
      scope: WLCG,
      sub: uuid,
      exp: anyNumber,
    });
    expect((await post(at('/introspect'), { token: 'dead', ...credentials(program) })).body).toEqual({
      active: false,
    });
  });

  it('refuses a JWT changed by a byte everywhere it is shown', async () => {
    const [head, , signature] = token.split('.');
    const forged = [
      head,
      Buffer.from(JSON.stringify({ ...decoded(token).claims, sub: 'mallory' })).toString('base64url'),
      signature,
    ].join('.');
    expect((await get(at('/userinfo'), forged)).status).toBe(401);
    expect((await exchange({ subject_token: forged })).body.error).toBe('invalid_grant');
  });

  it('T22 refuses a code shown twice, and ends what the first had given', async () => {
    const { code, verifier } = await codeFor(portal, program, { persona: 'ada' }, WLCG);
    const form = {
      grant_type: 'authorization_code',
      code,
      code_verifier: verifier,
      redirect_uri: program.redirect,
      ...credentials(program),
    };
    const first = await post(at('/token'), form);
    expect(first.status).toBe(200);
    expect(await post(at('/token'), form)).toMatchObject({ status: 400, body: { error: 'invalid_grant' } });
    expect((await get(at('/userinfo'), String(first.body.access_token))).status).toBe(401);
  });

  it('T22 refuses a wrong verifier, none, and another redirect address', async () => {
    for (const wrong of [
      { code_verifier: 'a'.repeat(43) },
      { code_verifier: '' },
      { redirect_uri: 'http://localhost:1/auth/callback' },
    ]) {
      const { code, verifier } = await codeFor(portal, program, { persona: 'ada' }, WLCG);
      const form = {
        grant_type: 'authorization_code',
        code,
        code_verifier: verifier,
        redirect_uri: program.redirect,
        ...credentials(program),
        ...wrong,
      };
      expect((await post(at('/token'), form)).body).toMatchObject({
        error: expect.stringMatching(/invalid_(grant|request)/) as unknown,
      });
    }
  });

  it('refuses a wrong secret, and a scope that is another client’s', async () => {
    const { code, verifier } = await codeFor(portal, program, { persona: 'ada' }, WLCG);
    const form = {
      grant_type: 'authorization_code',
      code,
      code_verifier: verifier,
      redirect_uri: program.redirect,
      client_id: 'palestra',
      client_secret: 'wrong',
    };
    expect(await post(at('/token'), form)).toMatchObject({ status: 401, body: { error: 'invalid_client' } });
    const asked = {
      client_id: 'palestra',
      redirect_uri: program.redirect,
      response_type: 'code',
      scope: 'openid iam',
      state: 's',
      code_challenge: 'a'.repeat(43),
      code_challenge_method: 'S256',
    };
    const refused = await browser().ask(`${at('/authorize')}?${new URLSearchParams(asked).toString()}`);
    expect(refused.headers.get('location')).toContain('error=invalid_scope');
  });

  it('sends nobody to an address that is not registered', async () => {
    const asked = {
      client_id: 'palestra',
      redirect_uri: 'https://evil.example/',
      response_type: 'code',
      scope: 'openid',
      state: 's',
      code_challenge: 'a'.repeat(43),
      code_challenge_method: 'S256',
    };
    const refused = await browser().ask(`${at('/authorize')}?${new URLSearchParams(asked).toString()}`, {
      headers: { accept: 'text/html' },
    });
    expect([refused.status, refused.headers.get('location')]).toEqual([400, null]);
    expect(refused.body).toContain('invalid_redirect_uri');
  });

  it('rotates refresh tokens, and ends the whole login where a spent one comes back', async () => {
    const { body } = await tokensFor(portal, program, { persona: 'ada' }, WLCG);
    const renew = (refresh_token: unknown) =>
      post(at('/token'), {
        grant_type: 'refresh_token',
        refresh_token: String(refresh_token),
        ...credentials(program),
      });
    const second = await renew(body.refresh_token);
    expect(second.body.refresh_token).not.toBe(body.refresh_token);
    expect(decoded(second.body.id_token).claims).toMatchObject({ 'wlcg.groups': ['/icsc', '/icsc/users'] });
    expect((await renew(body.refresh_token)).body.error).toBe('invalid_grant');
    expect((await renew(second.body.refresh_token)).body.error).toBe('invalid_grant');
    expect((await get(at('/userinfo'), String(second.body.access_token))).status).toBe(401);
  });

  it('ends a login when its refresh token is revoked', async () => {
    const { body } = await tokensFor(portal, program, { persona: 'ada' }, WLCG);
    const revoked = await post(at('/revoke'), { token: String(body.refresh_token), ...credentials(program) });
    expect(revoked.status).toBe(200);
    expect((await get(at('/userinfo'), String(body.access_token))).status).toBe(401);
  });

  const exchange = (form: Record<string, string>, as: Program = program) =>
    post(at('/token'), {
      grant_type: EXCHANGE,
      subject_token: token,
      subject_token_type: ACCESS_TOKEN,
      audience: 'rucio',
      scope: 'openid profile',
      ...credentials(as),
      ...form,
    });

  describe('token exchange', () => {
    beforeAll(async () => {
      token = String((await tokensFor(portal, program, { persona: 'ada' }, WLCG)).body.access_token);
    });

    it('answers as IAM does: audience, actor, client; twenty minutes; WLCG profile', async () => {
      const { status, body } = await exchange({});
      expect(status).toBe(200);
      expect(body).toEqual({
        access_token: anyText,
        issued_token_type: 'urn:ietf:params:oauth:token-type:jwt',
        token_type: 'Bearer',
        expires_in: 1200,
        scope: 'openid profile',
      });
      expect(decoded(body.access_token).claims).toEqual({
        'wlcg.ver': '1.0',
        sub: decoded(token).claims.sub,
        iss: at(''),
        iat: anyNumber,
        nbf: anyNumber,
        exp: anyNumber,
        jti: anyText,
        client_id: 'palestra',
        aud: 'rucio',
        act: { sub: 'palestra' },
        scope: 'openid profile',
      });
    });
    it('gives paths below what is registered, and groups when asked', async () => {
      const { body } = await exchange({ audience: 'xrootd', scope: 'storage.read:/icsc/users wlcg.groups' });
      expect(decoded(body.access_token).claims).toMatchObject({
        aud: 'xrootd',
        scope: 'storage.read:/icsc/users wlcg.groups',
        'wlcg.groups': ['/icsc', '/icsc/users'],
      });
    });
    it.each([
      [{ audience: 'https://wlcg.cern.ch/jwt/v1/any' }, 'invalid_target'],
      [{ audience: 'fts' }, 'invalid_target'],
      [{ audience: '' }, 'invalid_request'],
      [{ scope: 'offline_access' }, 'invalid_scope'],
      [{ scope: 'openid storage.read:/../etc' }, 'invalid_scope'],
      [{ scope: 'openid iam.admin' }, 'invalid_scope'],
      [{ subject_token: 'opaque' }, 'invalid_grant'],
      [{ subject_token_type: 'urn:ietf:params:oauth:token-type:refresh_token' }, 'invalid_request'],
    ])('T19 refuses %j as %s', async (form, error) => {
      expect(await exchange(form as Record<string, string>)).toMatchObject({ status: 400, body: { error } });
    });
    it('lets another program exchange only what was made for it', async () => {
      const rucio: Program = { id: 'rucio', secret: secretOf(portal, 'rucio'), redirect: '' };
      expect((await exchange({ audience: 'xrootd', scope: 'storage.read:/' }, rucio)).body.error).toBe(
        'invalid_grant',
      );
      const forRucio = String((await exchange({})).body.access_token);
      const { body } = await exchange(
        { subject_token: forRucio, audience: 'xrootd', scope: 'storage.read:/' },
        rucio,
      );
      expect(decoded(body.access_token).claims).toMatchObject({
        aud: 'xrootd',
        client_id: 'rucio',
        act: { sub: 'rucio' },
        sub: decoded(token).claims.sub,
      });
    });
    it('gives nothing for a token that has been revoked, and its own offspring dies with the login', async () => {
      const { body } = await tokensFor(portal, program, { persona: 'ada' }, WLCG);
      const child = String((await exchange({ subject_token: String(body.access_token) })).body.access_token);
      await post(at('/revoke'), { token: String(body.refresh_token), ...credentials(program) });
      expect((await exchange({ subject_token: String(body.access_token) })).body.error).toBe('invalid_grant');
      expect((await post(at('/introspect'), { token: child, ...credentials(program) })).body).toEqual({
        active: false,
      });
    });
    it('is not for a client without the grant', async () => {
      const answer = await post(at('/token'), {
        grant_type: EXCHANGE,
        subject_token: token,
        subject_token_type: ACCESS_TOKEN,
        audience: 'rucio',
        client_id: 'command-line',
      });
      expect(answer.status).toBe(400);
    });
  });

  it('connects a device: code, page, consent, token', async () => {
    const begun = await post(at('/devicecode'), {
      client_id: 'command-line',
      scope: 'openid profile wlcg.groups',
    });
    expect(begun.body).toMatchObject({
      verification_uri: at('/device'),
      user_code: anyText,
      device_code: anyText,
      expires_in: 600,
    });
    const poll = () =>
      post(at('/token'), {
        grant_type: 'urn:ietf:params:oauth:grant-type:device_code',
        device_code: String(begun.body.device_code),
        client_id: 'command-line',
      });
    expect((await poll()).body.error).toBe('authorization_pending');

    const person = browser();
    const form = await person.get(at('/device'));
    expect(form.body).toContain('Development identity provider');
    const xsrf = /name="xsrf" value="([^"]+)"/.exec(form.body)?.[1] ?? '';
    const confirm = await person.post(at('/device'), { xsrf, user_code: String(begun.body.user_code) });
    expect(confirm.body).toContain(String(begun.body.user_code));
    const signIn = await person.post(at('/device'), {
      xsrf,
      user_code: String(begun.body.user_code),
      confirm: 'yes',
    });
    const consent = await person.post(signIn.url, { persona: 'ada' });
    expect(consent.body).toContain('Allow A command-line program?');
    const done = await person.post(consent.url, { consent: 'yes' });
    expect(done.body).toContain('goes on by itself');
    const { body } = await poll();
    expect(decoded(body.access_token).claims).toMatchObject({
      client_id: 'command-line',
      'wlcg.groups': ['/icsc', '/icsc/users'],
    });
  });
});

describe('the iam profile with a slash', () => {
  const foreign: Client = {
    id: 'elsewhere',
    secret: 'elsewhere-secret',
    name: '<b>Elsewhere</b>',
    profile: 'iam',
    redirects: ['http://localhost:9/cb'],
    grants: ['authorization_code'],
    scopes: ['openid', 'profile'],
    exchange: { audiences: [], scopes: [] },
    accepts: [],
    trusted: false,
  };
  let portal: Portal;
  beforeAll(async () => {
    portal = await startPortal({ provider: { profile: 'iam', trailingSlash: true, clients: [foreign] } });
  });
  afterAll(() => portal.close());

  it('says the slash in discovery and ID tokens, not in access tokens; groups without a leading one', async () => {
    const issuer = `${portal.url}/idp`;
    expect((await get(`${issuer}/.well-known/openid-configuration`)).body.issuer).toBe(`${issuer}/`);
    const { body } = await tokensFor(portal, portalProgram(portal), { persona: 'enrico' }, LOGIN);
    const groups = ['icsc', 'icsc/users', 'icsc/palestra/instructors'];
    expect(decoded(body.id_token).claims).toMatchObject({
      iss: `${issuer}/`,
      groups,
      preferred_username: 'enrico',
      organisation_name: 'palestra-dev',
    });
    const { claims } = decoded(body.access_token);
    expect(claims).toMatchObject({
      iss: issuer,
      groups,
      preferred_username: 'enrico',
      client_id: 'palestra',
    });
    for (const claim of ['aud', 'wlcg.ver', 'wlcg.groups']) expect(claims).not.toHaveProperty([claim]);
  });
  it('is signed in to by the portal all the same', async () => {
    const { signIn } = await import('../testing/sign-in.ts');
    const { page } = await signIn(portal.url, { persona: 'emmy' });
    expect(JSON.parse(page.body)).toMatchObject({
      login: 'emmy',
      roles: ['learner', 'author'],
      groups: ['icsc', 'icsc/palestra/authors', 'icsc/users'],
    });
  });
  it('asks before another program may act, escapes its name, and takes no for an answer', async () => {
    const asked = {
      client_id: 'elsewhere',
      redirect_uri: 'http://localhost:9/cb',
      response_type: 'code',
      scope: 'openid profile',
      state: 's',
      code_challenge: 'a'.repeat(43),
      code_challenge_method: 'S256',
    };
    const person = browser();
    const page = await person.get(`${portal.url}/idp/authorize?${new URLSearchParams(asked).toString()}`);
    const consent = await person.post(page.url, { persona: 'ada' });
    expect(consent.body).toContain('Allow &lt;b&gt;Elsewhere&lt;/b&gt;?');
    expect(consent.headers.get('content-security-policy')).toContain(
      "form-action 'self' http://localhost:9;",
    );
    const refused = await person.ask(consent.url, {
      method: 'POST',
      body: new URLSearchParams({ consent: 'no' }),
    });
    const back = await person.ask(refused.headers.get('location') ?? '');
    expect(back.headers.get('location')).toContain('error=access_denied');
  });
});

describe('a scope covers another', () => {
  it.each([
    ['storage.read:/', 'storage.read:/', true],
    ['storage.read:/', 'storage.read:/a/b', true],
    ['storage.read:/a', 'storage.read:/a', true],
    ['storage.read:/a', 'storage.read:/a/b', true],
    ['storage.read:/a', 'storage.read:/ab', false],
    ['storage.read:/a', 'storage.read:/', false],
    ['storage.read:/a', 'storage.read:/a/../b', false],
    ['storage.read:/', 'storage.modify:/', false],
    ['openid', 'openid', true],
    ['openid', 'openidx', false],
    ['openid', 'openid:/', false],
    ['compute.read', 'compute', false],
  ])('%s, %s: %s', (allowed, asked, holds) => expect(covers(allowed, asked)).toBe(holds));
});

function secretOf(portal: Portal, id: string): string {
  return portal.secrets()[id] ?? '';
}
