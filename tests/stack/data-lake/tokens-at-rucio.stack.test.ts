/** Tokens that Rucio must not take, each for its own reason, and what is written of them: the reason, never the token. */
import { generateKeyPair, SignJWT, type JWTPayload } from 'jose';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { audiencesOf } from '../../../infra/data-lake/place.ts';
import { prepareProvider } from '../../../sandbox-server/identity/index.ts';
import { missing, openWorld, scopesOf, type Learner, type World } from './world.ts';

const lacks = missing();
if (lacks !== null) console.warn(`skipped: ${lacks}`);
const HOUR = 3600;

describe.skipIf(lacks !== null)('a token at Rucio', () => {
  let world: World;
  let learner: Learner;

  beforeAll(async () => {
    world = await openWorld();
    await world.up();
    learner = await world.learner('cauchy');
  });
  afterAll(() => world.leave());

  /** As the issuer would sign it, but for what is given. */
  async function token(other: JWTPayload = {}, key?: Parameters<SignJWT['sign']>[0]): Promise<string> {
    const now = Math.floor(Date.now() / 1000);
    const signing = key ?? (await prepareProvider(world.place.idp)).key.privateKey;
    const claims: JWTPayload = {
      iss: world.place.issuer,
      sub: learner.subject,
      aud: [...audiencesOf(world.place)],
      scope: scopesOf('cauchy'),
      'wlcg.ver': '1.0',
      iat: now,
      exp: now + HOUR,
      jti: crypto.randomUUID(),
      ...other,
    };
    return new SignJWT(claims).setProtectedHeader({ alg: 'RS256', kid: 'rsa1' }).sign(signing);
  }
  const ask = (bearer: string) => learner.rest('GET', '/accounts/cauchy', undefined, bearer);
  const lastWords = async () => {
    const { out } = await world.inLake('tail', '-n', '50', `${world.log}/rucio-requests.jsonl`);
    // whoever looks after Rucio asks that all the time
    const lines = out
      .trim()
      .split('\n')
      .filter((line) => !line.includes('"/ping"'));
    return JSON.parse(lines.at(-1) ?? '{}') as Record<string, unknown>;
  };

  it('that is good is taken', async () => {
    expect((await ask(await token())).status).toBe(200);
    expect((await ask(learner.token)).status).toBe(200);
  });

  it('that is new is taken from eight requests at once', async () => {
    const fresh = await token();
    const answers = await Promise.all(Array.from({ length: 8 }, () => ask(fresh)));
    expect(answers.map(({ status }) => status)).toEqual(Array(8).fill(200));
  });

  it.each<[string, JWTPayload, RegExp]>([
    ['has expired', { exp: Math.floor(Date.now() / 1000) - 60 }, /expired \d+ s ago/],
    ['is for somebody else', { aud: ['palestra'] }, /audience is \['palestra'\], not rucio/],
    ['is for an element alone', { aud: 'cnaf.palestra.test' }, /audience is cnaf\.palestra\.test/],
    ['lacks the scope openid', { scope: 'profile storage.read:/' }, /scope lacks openid/],
    ['lacks every scope', { scope: '' }, /scope lacks openid profile/],
    ["is of an issuer that is none of Rucio's", { iss: 'https://evil.test/' }, /issuer or signature/],
    ["is of the portal's own name", { iss: 'http://localhost:4747/idp' }, /issuer or signature/],
    ['is of nobody that was admitted', { sub: 'nobody-at-all' }, /no account is for its subject/],
  ])('that %s is refused with 401, and the log says why', async (_, claims, why) => {
    expect((await ask(await token(claims))).status).toBe(401);
    expect(await lastWords()).toMatchObject({ status: 401, reason: expect.stringMatching(why) as string });
  });

  it('that somebody else signed is refused', async () => {
    const { privateKey } = await generateKeyPair('RS256', { modulusLength: 2048 });
    expect((await ask(await token({}, privateKey))).status).toBe(401);
  });

  it('that is no token is refused', async () => {
    for (const [bearer, why] of [
      ['not-a-token', 'what was sent is no JWT'],
      ['a.b.c', 'what was sent is no JWT'],
    ] as const) {
      expect([bearer, (await ask(bearer)).status]).toEqual([bearer, 401]);
      expect(await lastWords()).toMatchObject({ reason: why });
    }
  });

  it('is the only way in: no browser flow, certificate, ssh key or Kerberos ticket is asked for', async () => {
    for (const way of [
      'oidc',
      'oidc_redirect',
      'oidc_token',
      'x509',
      'x509_proxy',
      'gss',
      'ssh',
      'ssh_challenge_token',
      'saml',
    ]) {
      const answer = await learner.rest('GET', `/auth/${way}`, undefined, '');
      expect([way, answer.status, answer.headers['exceptionclass']]).toEqual([
        way,
        401,
        'CannotAuthenticate',
      ]);
    }
  });

  it('the client says in one line that it was refused, and waits for no browser', async () => {
    await learner.shell('cp token good; echo broken > token');
    const { out } = await learner.rucio('whoami');
    await learner.shell('mv good token');
    expect(out).toContain('Cannot authenticate');
    expect(out).not.toContain('Copy paste the code');
  });

  it('a learner reads with the verb log why Rucio refused it', async () => {
    await ask(await token({ exp: Math.floor(Date.now() / 1000) - 60 }));
    const said = await world.lake('verb', 'log', '--user', 'cauchy', 'since=1m');
    expect(String(said.lines.at(-1)?.['said'])).toMatch(
      /rucio GET \/accounts\/cauchy 401: the token was refused: it expired/,
    );
  });

  it('T57 stands in no log, no address and no record of the lake', async () => {
    await learner.shell('echo hello > t57.txt');
    await learner.rucio('upload', '--rse', 'CNAF_USERDISK', '--scope', learner.scope, 't57.txt');
    const signature = learner.token.split('.')[2] ?? 'none';
    const folders = [world.log, `${world.log}/../run`];
    const files = await world.inLake('find', ...folders, '-type', 'f');
    expect(files.out.trim().split('\n').length).toBeGreaterThan(8);
    expect(await world.inLake('grep', '-rlF', '-e', signature, ...folders)).toEqual({ code: 1, out: '' });
    // bites: what every learner's request leaves there is found
    expect((await world.inLake('grep', '-rlF', '-e', 'cauchy', ...folders)).out).toContain('rucio-requests');
  });
});
