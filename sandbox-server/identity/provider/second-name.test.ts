/** Tokens for a service of this machine: another `iss` of the same key, several audiences, one's own folder alone. */
import { createLocalJWKSet, jwtVerify, type JSONWebKeySet } from 'jose';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  credentials,
  decoded,
  get,
  portalProgram,
  post,
  tokensFor,
  type Program,
} from '../testing/endpoints.ts';
import { startPortal, type Portal } from '../testing/portal.ts';
import { ACCESS_TOKEN, EXCHANGE } from '../exchange-grant.ts';
import { issuerFor, wordsOf, type SecondName } from './second-name.ts';
import { foreignScope } from './storage-paths.ts';

const SECOND: SecondName = {
  issuer: 'https://iam.palestra.test:31443/',
  audiences: ['rucio', 'cnaf.palestra.test', 'napoli.palestra.test'],
  servers: [
    { client: 'rucio', audiences: ['fts', 'fts.palestra.test'], scopes: ['fts', 'offline_access'] },
    {
      client: 'rucio',
      audiences: ['cnaf.palestra.test', 'napoli.palestra.test'],
      scopes: ['storage.read:/', 'storage.modify:/', 'offline_access'],
    },
  ],
};
const LAKE = 'rucio cnaf.palestra.test napoli.palestra.test';
const scopeOf = (login: string) =>
  `openid profile wlcg.groups storage.read:/ storage.create:/user/${login} storage.modify:/user/${login}`;

describe('a second name', () => {
  let portal: Portal;
  let program: Program;
  let rucio: Program;
  let token: string;
  const at = (path: string) => `${portal.url}/idp${path}`;
  beforeAll(async () => {
    portal = await startPortal({ provider: { second: SECOND } });
    program = portalProgram(portal);
    rucio = { id: 'rucio', secret: portal.secrets()['rucio'] ?? '', redirect: '' };
    const scope = 'openid profile email offline_access wlcg.groups';
    token = String((await tokensFor(portal, program, { persona: 'ada' }, scope)).body.access_token);
  });
  afterAll(() => portal.close());
  const exchange = (audience: string, scope: string, more: Record<string, string> = {}) =>
    post(at('/token'), {
      grant_type: EXCHANGE,
      subject_token: token,
      subject_token_type: ACCESS_TOKEN,
      audience,
      scope,
      ...credentials(program),
      ...more,
    });
  const own = (audience: string, scope: string, as: Program = rucio) =>
    post(at('/token'), { grant_type: 'client_credentials', audience, scope, ...credentials(as) });

  it('stands in tokens for its audiences, signed by the key that both publish', async () => {
    const { status, body } = await exchange(LAKE, scopeOf('ada'));
    expect([status, body.expires_in, body.scope]).toEqual([200, 1200, scopeOf('ada')]);
    const { claims } = decoded(body.access_token);
    expect(claims).toMatchObject({
      iss: 'https://iam.palestra.test:31443/',
      aud: ['rucio', 'cnaf.palestra.test', 'napoli.palestra.test'],
      scope: scopeOf('ada'),
      'wlcg.ver': '1.0',
      'wlcg.groups': ['/icsc', '/icsc/users'],
    });
    expect((claims.exp ?? 0) - (claims.iat ?? 0)).toBe(1200);
    const keys = createLocalJWKSet((await get(at('/jwk'))).body as unknown as JSONWebKeySet);
    const verified = await jwtVerify(String(body.access_token), keys, {
      issuer: SECOND.issuer,
      audience: 'napoli.palestra.test',
    });
    expect(verified.payload.sub).toBe(decoded(token).claims.sub);
    expect(body).not.toHaveProperty('refresh_token');
  });

  it('leaves other audiences their issuer, one audience a word and not a list', async () => {
    expect(decoded((await exchange('dask', 'openid')).body.access_token).claims).toMatchObject({
      iss: at(''),
      aud: 'dask',
    });
    expect(decoded((await exchange('rucio', 'openid')).body.access_token).claims).toMatchObject({
      iss: SECOND.issuer,
      aud: 'rucio',
    });
  });

  it('is known again at introspection, by whoever may ask; userinfo is not what it is for', async () => {
    const given = String((await exchange(LAKE, scopeOf('ada'))).body.access_token);
    expect((await get(at('/userinfo'), given)).status).toBe(401);
    expect((await post(at('/introspect'), { token: given, ...credentials(rucio) })).body).toMatchObject({
      active: true,
    });
  });

  it.each([
    ['fts', 'openid', 'invalid_target'],
    ['rucio dask', 'openid', 'invalid_target'],
    ['rucio https://wlcg.cern.ch/jwt/v1/any', 'openid', 'invalid_target'],
    ['rucio elsewhere.test', 'openid', 'invalid_target'],
    [' ', 'openid', 'invalid_target'],
    [LAKE, scopeOf('enrico'), 'invalid_scope'],
    [LAKE, 'storage.modify:/', 'invalid_scope'],
    [LAKE, 'storage.create:/user', 'invalid_scope'],
    [LAKE, 'storage.modify:/user/ada/../enrico', 'invalid_scope'],
    [LAKE, 'storage.modify:/user//enrico', 'invalid_scope'],
    [LAKE, 'storage.modify:/user/ada%2f..%2fenrico', 'invalid_scope'],
    [LAKE, 'storage.modify:/user/adam', 'invalid_scope'],
    [LAKE, 'storage.create:/data', 'invalid_scope'],
    [LAKE, 'storage.read:/user/enrico', 'invalid_scope'],
    [LAKE, 'fts', 'invalid_scope'],
    ['dask', 'storage.create:/user/enrico', 'invalid_scope'],
  ])('T19 gives no learner a token for %s with %s', async (audience, scope, error) => {
    expect((await exchange(audience, scope)).body).toMatchObject({ error });
  });

  it('gives a server in its own name what it has a right to', async () => {
    const fts = await own('fts.palestra.test', 'fts');
    expect(fts.body).toMatchObject({ token_type: 'Bearer', expires_in: 1200, scope: 'fts' });
    expect(decoded(fts.body.access_token).claims).toMatchObject({
      iss: SECOND.issuer,
      sub: 'rucio',
      client_id: 'rucio',
      aud: 'fts.palestra.test',
      scope: 'fts',
      'wlcg.ver': '1.0',
    });
    const storage = await own('cnaf.palestra.test', 'storage.read:/ offline_access');
    expect(decoded(storage.body.access_token).claims).toMatchObject({
      aud: 'cnaf.palestra.test',
      scope: 'storage.read:/ offline_access',
    });
    expect(storage.body).not.toHaveProperty('refresh_token');
  });

  it('takes the secret in a Basic header, as Rucio sends it', async () => {
    const basic = Buffer.from(`rucio:${rucio.secret}`).toString('base64');
    const form = { grant_type: 'client_credentials', audience: 'fts', scope: 'fts' };
    const { status } = await post(at('/token'), form, { authorization: `Basic ${basic}` });
    expect(status).toBe(200);
  });

  it.each([
    ['cnaf.palestra.test', 'fts', 'invalid_scope'],
    ['fts', 'storage.read:/', 'invalid_scope'],
    ['cnaf.palestra.test fts', 'offline_access', 'invalid_scope'],
    ['cnaf.palestra.test', '', 'invalid_scope'],
    ['rucio', 'openid', 'invalid_target'],
    ['https://wlcg.cern.ch/jwt/v1/any', 'storage.read:/', 'invalid_target'],
    ['', 'fts', 'invalid_request'],
  ])('gives a server no token for %s with %s', async (audience, scope, error) => {
    expect((await own(audience, scope)).body).toMatchObject({ error });
  });

  it('gives the portal nothing in its own name, and nobody anything without the secret', async () => {
    expect((await own('fts', 'fts', program)).status).toBe(400);
    expect((await own('fts', 'fts', { ...rucio, secret: 'wrong' })).body.error).toBe('invalid_client');
  });

  it('makes a token for a proof under the same rules', async () => {
    const provider = portal.provider ?? expect.fail();
    const made = await provider.tokenFor('prove7', LAKE, scopeOf('prove7'));
    expect(decoded(made.token).claims).toMatchObject({ sub: made.subject, iss: SECOND.issuer });
    expect(made.expiresAt).toBeGreaterThan(Date.now() + 1_000_000);
    await expect(provider.tokenFor('prove7', LAKE, scopeOf('ada'))).rejects.toMatchObject({
      error: 'invalid_scope',
    });
    await expect(provider.tokenFor('ada', LAKE, scopeOf('ada'))).rejects.toThrow();
  });
});

describe('a name where nobody signs in', () => {
  let portal: Portal;
  beforeAll(async () => {
    portal = await startPortal({ provider: { second: SECOND, signIn: false } });
  });
  afterAll(() => portal.close());

  it.each([
    '/authorize?client_id=palestra',
    '/device',
    '/devicecode',
    '/interaction/abc',
    '/authorize',
    '/device?user_code=x',
    '/device/anything',
  ])('has no %s', async (path) => {
    for (const method of ['GET', 'POST']) {
      const { status } = await fetch(`${portal.url}/idp${path}`, { method, redirect: 'manual' });
      expect(status).toBe(404);
    }
  });

  it('still publishes keys and gives servers their tokens', async () => {
    expect((await get(`${portal.url}/idp/jwk`)).body.keys).toHaveLength(1);
    const secret = portal.secrets()['rucio'] ?? '';
    const form = { grant_type: 'client_credentials', audience: 'fts', scope: 'fts' };
    const { status } = await post(`${portal.url}/idp/token`, {
      ...form,
      ...credentials({ id: 'rucio', secret, redirect: '' }),
    });
    expect(status).toBe(200);
  });
});

describe('pure', () => {
  it('one issuer for all audiences, or none', () => {
    expect(issuerFor(['rucio'], 'own', undefined)).toBe('own');
    expect(issuerFor([], 'own', SECOND)).toBe('own');
    expect(issuerFor(['dask'], 'own', SECOND)).toBe('own');
    expect(issuerFor(['rucio', 'fts'], 'own', SECOND)).toBe(SECOND.issuer);
    expect(issuerFor(['rucio', 'dask'], 'own', SECOND)).toBeNull();
  });
  it('words', () => expect(wordsOf('  a  b ')).toEqual(['a', 'b']));
  it('a folder is its person’s alone, everywhere; below a data lake nothing else is written', () => {
    expect(
      foreignScope(['openid', 'storage.read:/', 'storage.create:/user/ada/x'], 'ada', true),
    ).toBeUndefined();
    expect(foreignScope(['storage.create:/data'], 'ada', false)).toBeUndefined();
    expect(foreignScope(['storage.create:/data'], 'ada', true)).toBe('storage.create:/data');
    expect(foreignScope(['storage.modify:/user/'], 'ada', false)).toBe('storage.modify:/user/');
    expect(foreignScope(['storage.modify:user/ada'], 'ada', true)).toBe('storage.modify:user/ada');
    expect(foreignScope(['storage.modify:/user/ada/./x'], 'ada', true)).toBe('storage.modify:/user/ada/./x');
  });
});
