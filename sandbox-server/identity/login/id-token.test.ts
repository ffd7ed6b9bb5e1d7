/** T15–T24: an ID token that is wrong in one way is refused with that reason, and no token is ever logged. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { JWTPayload } from 'jose';
import { Problem } from '../../contract/errors.ts';
import { begin, callback, login, startTrial, tokens, type Trial } from '../testing/login.ts';
import { REASONS } from './reasons.ts';

let trial: Trial;
beforeEach(async () => {
  trial = await startTrial();
});
afterEach(async () => {
  // every token here is a JWT or named so; none may be in a log, whatever happened
  expect(trial.logged()).not.toMatch(/eyJ|access-1|refresh-1|code-1|portal-secret/);
  await trial.close();
});

const now = () => Math.floor(Date.now() / 1000);

/** Finishes a login whose ID token `make` makes for the right nonce. */
async function refusalOf(make: (nonce: string) => Promise<string> | string): Promise<Problem> {
  const begun = await begin(trial.identity);
  trial.hostile.onToken = async () => tokens(await make(begun.nonce));
  return problemOf(trial.identity.finish(callback(begun.state), begun.flow));
}
async function problemOf(work: Promise<unknown>): Promise<Problem> {
  const error: unknown = await work.then(
    () => 'it was accepted',
    (e: unknown) => e,
  );
  if (!(error instanceof Problem)) throw new Error(`no Problem but ${String(error)}`, { cause: error });
  expect(JSON.stringify(error.toBody())).not.toMatch(/eyJ/);
  expect(error.cause).toBeUndefined();
  return error;
}
function expectReason(problem: Problem, reason: keyof typeof REASONS): void {
  expect(problem.details).toEqual({ reason });
  expect(problem.code).toBe(reason === 'provider-down' ? 'unavailable' : 'not-signed-in');
  expect(problem.message).toContain(REASONS[reason]);
}
const signed = (claims: JWTPayload, header?: Record<string, unknown>) => (nonce: string) =>
  trial.hostile.idToken({ nonce, ...claims }, header);

it('accepts the ID token that the others are variations of', async () => {
  const { signedIn, next } = await login(trial);
  expect(signedIn.person).toMatchObject({ login: 'ada', name: 'Ada Lovelace', groups: [] });
  expect(next).toBe('/courses/');
});

describe('signatures', () => {
  it('T15 refuses alg none', async () => {
    expectReason(await refusalOf((nonce) => trial.hostile.unsigned({ nonce })), 'wrong-algorithm');
  });
  it('T16 refuses HS256 with the public key as its secret', async () => {
    expectReason(await refusalOf((nonce) => trial.hostile.hmacWithPublicKey({ nonce })), 'wrong-algorithm');
  });
  it('refuses a signature of another key under the right kid', async () => {
    expectReason(await refusalOf((nonce) => trial.hostile.forged({ nonce })), 'bad-signature');
  });
  it('refuses claims changed after signing', async () => {
    const changed = await refusalOf(async (nonce) => {
      const [header, , signature] = (await trial.hostile.idToken({ nonce })).split('.');
      const [, payload] = (await trial.hostile.idToken({ nonce, sub: 'somebody-else' })).split('.');
      return [header, payload, signature].join('.');
    });
    expectReason(changed, 'bad-signature');
  });
  it('T28 asks for the keys once however many unknown key ids are shown', async () => {
    for (let i = 0; i < 40; i += 1) {
      expectReason(await refusalOf(signed({}, { kid: `unknown-${i}` })), 'unknown-key');
    }
    expect(trial.hostile.asked.jwks).toBe(1);
    await login(trial);
    expect(trial.hostile.asked.jwks).toBe(1);
  });
});

describe('whom it is from and for', () => {
  it('T17 refuses another issuer', async () => {
    expectReason(await refusalOf(signed({ iss: 'https://iam.example.org' })), 'wrong-issuer');
  });
  it('T17 refuses the issuer with a slash that discovery does not say', async () => {
    expectReason(await refusalOf(signed({ iss: `${trial.hostile.issuer}/` })), 'wrong-issuer');
  });
  it('T18 refuses no audience, another one, and a list without us', async () => {
    expectReason(await refusalOf(signed({ aud: undefined } as unknown as JWTPayload)), 'wrong-audience');
    expectReason(await refusalOf(signed({ aud: 'another-client' })), 'wrong-audience');
    expectReason(await refusalOf(signed({ aud: ['another-client', 'a-third'] })), 'wrong-audience');
  });
  it('T18 refuses a list with us that is another party’s', async () => {
    expectReason(
      await refusalOf(signed({ aud: ['portal-under-test', 'another'], azp: 'another' })),
      'wrong-audience',
    );
  });
  it('T19 refuses the WLCG audience of everybody', async () => {
    expectReason(await refusalOf(signed({ aud: 'https://wlcg.cern.ch/jwt/v1/any' })), 'wrong-audience');
  });
  it('T24 refuses an access token shown as ID token', async () => {
    const any = { aud: 'https://wlcg.cern.ch/jwt/v1/any', scope: 'openid', 'wlcg.ver': '1.0' };
    expectReason(await refusalOf(() => trial.hostile.idToken(any)), 'wrong-nonce');
    expectReason(await refusalOf(signed(any)), 'wrong-audience');
    const forUs = { scope: 'openid', client_id: 'portal-under-test' };
    expectReason(await refusalOf(() => trial.hostile.idToken(forUs)), 'wrong-nonce');
  });
  it('refuses an answer without an ID token, and one that is no JWT', async () => {
    const begun = await begin(trial.identity);
    trial.hostile.onToken = () => tokens(undefined);
    expectReason(await problemOf(trial.identity.finish(callback(begun.state), begun.flow)), 'bad-token');
    expectReason(await refusalOf(() => 'not-a-jwt'), 'bad-token');
  });
  it('refuses a subject that is missing or too long', async () => {
    expectReason(await refusalOf(signed({ sub: undefined } as unknown as JWTPayload)), 'bad-token');
    expectReason(await refusalOf(signed({ sub: 'x'.repeat(513) })), 'bad-token');
  });
});

describe('times', () => {
  it('T20 refuses what expired beyond the skew, and takes what expired within it', async () => {
    expectReason(await refusalOf(signed({ exp: now() - 90 })), 'expired');
    await login(trial, { exp: now() - 30 });
  });
  it('T20 refuses a future nbf beyond the skew, and takes one within it', async () => {
    expectReason(await refusalOf(signed({ nbf: now() + 90 })), 'not-yet-valid');
    await login(trial, { nbf: now() + 30 });
  });
  it('T20 refuses a token that never expires', async () => {
    expectReason(await refusalOf(signed({ exp: undefined } as unknown as JWTPayload)), 'bad-token');
  });
});

describe('nonce', () => {
  it('T21 refuses none', async () => {
    expectReason(await refusalOf(() => trial.hostile.idToken({})), 'wrong-nonce');
  });
  it('T21 refuses one of an earlier sign-in', async () => {
    const earlier = await begin(trial.identity);
    expectReason(await refusalOf(() => trial.hostile.idToken({ nonce: earlier.nonce })), 'wrong-nonce');
  });
});

describe('the flow', () => {
  it('T23 refuses a callback whose state belongs to another browser, and the flow stays good for its own', async () => {
    const [mine, theirs] = [await begin(trial.identity), await begin(trial.identity)];
    trial.hostile.onToken = async () => tokens(await trial.hostile.idToken({ nonce: mine.nonce }));
    expectReason(await problemOf(trial.identity.finish(callback(theirs.state), mine.flow)), 'wrong-state');
    expectReason(await problemOf(trial.identity.finish(callback(mine.state), undefined)), 'no-flow');
    expectReason(
      await problemOf(trial.identity.finish(callback(mine.state), 'x'.repeat(100_000))),
      'no-flow',
    );
    expectReason(
      await problemOf(
        trial.identity.finish(new URL('http://localhost:4747/auth/callback?code=code-1'), mine.flow),
      ),
      'wrong-state',
    );
    const twice = new URL(`${callback(mine.state).href}&state=${theirs.state}`);
    expectReason(await problemOf(trial.identity.finish(twice, mine.flow)), 'wrong-state');
    expect(trial.hostile.asked.token).toBe(0);
    await trial.identity.finish(callback(mine.state), mine.flow);
  });
  it('T22 refuses the same callback a second time without asking the provider', async () => {
    const begun = await begin(trial.identity);
    trial.hostile.onToken = async () => tokens(await trial.hostile.idToken({ nonce: begun.nonce }));
    await trial.identity.finish(callback(begun.state), begun.flow);
    expectReason(await problemOf(trial.identity.finish(callback(begun.state), begun.flow)), 'flow-used');
    expect(trial.hostile.asked.token).toBe(1);
  });
  it('refuses a callback after ten minutes', async () => {
    const begun = await begin(trial.identity);
    trial.clock.now += 11 * 60_000;
    expectReason(await problemOf(trial.identity.finish(callback(begun.state), begun.flow)), 'flow-used');
  });
  it('sends S256 of a verifier that it shows at the token endpoint, the secret in the form', async () => {
    const begun = await begin(trial.identity);
    expect(begun.location.searchParams.get('code_challenge_method')).toBe('S256');
    expect(begun.location.searchParams.get('scope')).toContain('offline_access');
    trial.hostile.onToken = async ({ form, authorization }) => {
      const digest = await crypto.subtle.digest(
        'SHA-256',
        new TextEncoder().encode(form.get('code_verifier') ?? ''),
      );
      expect(Buffer.from(digest).toString('base64url')).toBe(
        begun.location.searchParams.get('code_challenge'),
      );
      expect([form.get('client_secret'), form.get('redirect_uri'), authorization]).toEqual([
        'portal-secret',
        'http://localhost:4747/auth/callback',
        undefined,
      ]);
      return tokens(await trial.hostile.idToken({ nonce: begun.nonce }));
    };
    await trial.identity.finish(callback(begun.state), begun.flow);
  });
  it('says it where the person declined, and where the provider refuses', async () => {
    const declined = await begin(trial.identity);
    expectReason(
      await problemOf(
        trial.identity.finish(callback(declined.state, { error: 'access_denied' }), declined.flow),
      ),
      'declined',
    );
    const refused = await begin(trial.identity);
    expectReason(
      await problemOf(
        trial.identity.finish(
          callback(refused.state, { error: 'invalid_scope', error_description: 'eyJ' }),
          refused.flow,
        ),
      ),
      'provider-refused',
    );
  });
  it('T22 names a code the provider does not take, and IAM’s other words for it', async () => {
    for (const [status, error, reason] of [
      [400, 'invalid_grant', 'code-refused'],
      [401, 'unauthorized', 'client-refused'],
      [401, 'invalid_client', 'client-refused'],
      [503, 'busy', 'provider-down'],
    ] as const) {
      const begun = await begin(trial.identity);
      trial.hostile.onToken = () => ({
        status,
        body: { error, error_description: 'Invalid token: eyJhbGciOi.secret' },
      });
      expectReason(await problemOf(trial.identity.finish(callback(begun.state), begun.flow)), reason);
    }
  });
});
