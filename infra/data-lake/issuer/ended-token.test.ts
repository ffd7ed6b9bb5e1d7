import { decodeJwt, exportJWK, generateKeyPair, jwtVerify, SignJWT } from 'jose';
import type { JWK } from 'jose';
import { describe, expect, it } from 'vitest';
import { bearerOf, endedToken } from './ended-token.ts';

const ISSUER = 'https://iam.palestra.test:31443/';
const newKey = async () => {
  const pair = await generateKeyPair('RS256', { extractable: true });
  const jwk: JWK = { ...(await exportJWK(pair.privateKey)), kid: 'k' };
  return { ...pair, jwk };
};
const mine = await newKey();
const now = Math.floor(Date.now() / 1000);
const token = (change: Record<string, unknown> = {}, key = mine) =>
  new SignJWT({
    sub: 'ada',
    scope: 'openid',
    aud: ['rucio'],
    iss: ISSUER,
    iat: now,
    nbf: now,
    exp: now + 1200,
    ...change,
  })
    .setProtectedHeader({ alg: 'RS256', kid: 'k' })
    .sign(key.privateKey);
const ended = async (shown: Promise<string> | string) => endedToken(await shown, mine.jwk, ISSUER);

describe('a token for practice', () => {
  it('says the same, and ended two hours ago', async () => {
    const old = (await ended(token())) ?? '';
    const { exp = 0, iat = 0, ...rest } = decodeJwt(old);
    expect(rest).toMatchObject({ sub: 'ada', scope: 'openid', aud: ['rucio'], iss: ISSUER });
    expect(exp - iat).toBe(1200);
    expect(Math.abs(now - 7200 - exp)).toBeLessThan(5);
    await expect(jwtVerify(old, mine.publicKey)).rejects.toMatchObject({ code: 'ERR_JWT_EXPIRED' });
    // what is wrong with it is its time alone: the signature is the issuer's
    await expect(jwtVerify(old, mine.publicKey, { clockTolerance: 8000 })).resolves.toBeDefined();
  });

  it('is given for nothing but a good token of this issuer', async () => {
    expect(await ended('')).toBeNull();
    expect(await ended('a.b.c')).toBeNull();
    expect(await ended(token({ exp: now - 10 }))).toBeNull();
    expect(await ended(token({ iss: 'https://elsewhere.test/' }))).toBeNull();
    expect(await ended(token({}, await newKey()))).toBeNull();
    expect(await ended(`${Buffer.from('{"alg":"none"}').toString('base64url')}.e30.`)).toBeNull();
  });

  it('is asked for with a bearer token', () => {
    expect(bearerOf('Bearer abc')).toBe('abc');
    expect([bearerOf(undefined), bearerOf('Basic abc'), bearerOf('Bearer')]).toEqual(['', '', '']);
  });
});
