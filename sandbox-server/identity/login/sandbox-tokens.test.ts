/** Tokens that go into sandboxes, from a provider that may say anything. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Problem } from '../../contract/errors.ts';
import { login, startTrial, tokens, type Trial } from '../testing/login.ts';

const HOUR = 3600_000;
let trial: Trial;
beforeEach(async () => {
  trial = await startTrial();
});
afterEach(async () => {
  expect(trial.logged()).not.toMatch(/eyJ|access-\d|refresh-\d/);
  await trial.close();
});

describe('tokens for sandboxes', () => {
  const EXCHANGE = 'urn:ietf:params:oauth:grant-type:token-exchange';
  const exchanged =
    (aud: unknown, more = {}) =>
    async () => ({
      body: {
        access_token: await trial.hostile.idToken({ aud } as never),
        token_type: 'Bearer',
        expires_in: 1200,
        issued_token_type: 'urn:ietf:params:oauth:token-type:jwt',
        ...more,
      },
    });
  const reasonOf = (work: Promise<unknown>) =>
    work.then(
      () => 'given',
      (e: unknown) => (e instanceof Problem ? [e.code, e.details?.reason] : e),
    );

  it('exchanges the newest login’s token for one audience and scope, and shares it until 60% of its life', async () => {
    await login(trial, {}, { access_token: 'access-of-the-first' });
    trial.clock.now += 10;
    const { signedIn } = await login(trial, {}, { access_token: 'access-of-the-second' });
    const forms: Record<string, string>[] = [];
    trial.hostile.onToken = ({ form }) => {
      forms.push(Object.fromEntries(form));
      return exchanged('rucio')();
    };
    const get = () => trial.identity.sandboxToken(signedIn.person.id, 'rucio', 'openid profile');
    const [first, same] = await Promise.all([get(), get()]);
    expect(first).toEqual(same);
    expect(first.expiresAt).toBe(trial.clock.now + 1200_000);
    expect(forms).toEqual([
      expect.objectContaining({
        grant_type: EXCHANGE,
        audience: 'rucio',
        scope: 'openid profile',
        subject_token: 'access-of-the-second',
        subject_token_type: 'urn:ietf:params:oauth:token-type:access_token',
      }),
    ]);
    trial.clock.now += 719_000;
    expect(await get()).toBe(first);
    trial.clock.now += 2000;
    expect((await get()).expiresAt).toBe(trial.clock.now + 1200_000);
    await trial.identity.sandboxToken(signedIn.person.id, 'rucio', 'openid');
    expect(forms).toHaveLength(3);
  });
  it('renews a login that is about to end before it is exchanged', async () => {
    const { signedIn } = await login(trial);
    trial.clock.now += HOUR - 30_000;
    const seen: unknown[] = [];
    trial.hostile.onToken = async ({ form }) => {
      seen.push(form.get('grant_type'), form.get('subject_token'));
      if (form.get('grant_type') === EXCHANGE) return exchanged('rucio')();
      return tokens(await trial.hostile.idToken(), { access_token: 'access-2', refresh_token: 'refresh-2' });
    };
    await trial.identity.sandboxToken(signedIn.person.id, 'rucio', 'openid');
    expect(seen).toEqual(['refresh_token', null, EXCHANGE, 'access-2']);
  });
  it('T19 hands no token to a sandbox that is good for everybody or for somebody else', async () => {
    const { signedIn } = await login(trial);
    for (const aud of [
      'https://wlcg.cern.ch/jwt/v1/any',
      ['rucio', 'https://wlcg.cern.ch/jwt/v1/any'],
      'another',
      undefined,
    ]) {
      trial.hostile.onToken = exchanged(aud);
      expect(await reasonOf(trial.identity.sandboxToken(signedIn.person.id, 'rucio', 'openid'))).toEqual([
        'forbidden',
        'wrong-audience',
      ]);
    }
  });
  it('says sign in again where no login is left, or the last one is no longer renewed', async () => {
    expect(await reasonOf(trial.identity.sandboxToken('aaaaaaaaaaaaaaaaaaaa', 'rucio', 'openid'))).toEqual([
      'sign-in-again',
      undefined,
    ]);
    const { signedIn } = await login(trial);
    trial.hostile.onToken = () => ({ status: 400, body: { error: 'invalid_grant' } });
    trial.clock.now += HOUR + 1;
    expect(await reasonOf(trial.identity.sandboxToken(signedIn.person.id, 'rucio', 'openid'))).toEqual([
      'sign-in-again',
      undefined,
    ]);
  });
  it('gives nothing that was kept once the person has signed out', async () => {
    const { signedIn, cookie } = await login(trial);
    trial.hostile.onToken = exchanged('rucio');
    await trial.identity.sandboxToken(signedIn.person.id, 'rucio', 'openid');
    await trial.identity.signOut(cookie);
    expect(await reasonOf(trial.identity.sandboxToken(signedIn.person.id, 'rucio', 'openid'))).toEqual([
      'sign-in-again',
      undefined,
    ]);
  });
  it('is refused with a sentence where the provider denies the audience, and where it is down', async () => {
    const { signedIn } = await login(trial);
    const get = () => reasonOf(trial.identity.sandboxToken(signedIn.person.id, 'rucio', 'openid'));
    trial.hostile.onToken = () => ({ status: 400, body: { error: 'invalid_target' } });
    expect(await get()).toEqual(['forbidden', 'exchange-refused']);
    trial.hostile.onToken = () => ({ status: 502, body: '<html>' });
    expect(await get()).toEqual(['unavailable', 'provider-down']);
    trial.hostile.onToken = exchanged('rucio');
    expect(await get()).toBe('given');
  });
  it.each([
    ['discovery does not name it', { grant_types_supported: ['authorization_code'] }],
    ['the token endpoint does not know it', {}],
  ])('is refused where the provider cannot exchange: %s', async (_how, metadata) => {
    trial.hostile.metadata = metadata;
    const { signedIn } = await login(trial);
    trial.hostile.onToken = () => ({ status: 400, body: { error: 'unsupported_grant_type' } });
    expect(await reasonOf(trial.identity.sandboxToken(signedIn.person.id, 'rucio', 'openid'))).toEqual([
      'forbidden',
      'no-exchange',
    ]);
  });
  it('hands on the login’s own token only where the operator allows it', async () => {
    const broad = await startTrial({ oidc: { broadSandboxTokens: true } });
    broad.hostile.metadata = { grant_types_supported: ['authorization_code'] };
    const { signedIn } = await login(broad);
    expect(await broad.identity.sandboxToken(signedIn.person.id, 'rucio', 'openid')).toEqual({
      token: 'access-1',
      expiresAt: broad.clock.now + HOUR,
    });
    await broad.close();
  });
});
