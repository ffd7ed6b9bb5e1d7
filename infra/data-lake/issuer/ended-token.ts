/**
 * For lessons: whoever shows a good token is given the same one as it will be when its time is over. A token that has
 * really ended cannot be had otherwise within a lesson, and nobody can do anything with one.
 */
import { errors, importJWK, jwtVerify, SignJWT } from 'jose';
import type { JWK } from 'jose';

/** seconds that it has been over */
const AGO = 7200;
const ALG = 'RS256';

/**
 * @param key the issuer's own, private half included
 * @returns null where what was shown is no good token of this issuer
 */
export async function endedToken(shown: string, key: JWK, issuer: string): Promise<string | null> {
  const { kty, n, e, kid } = key;
  try {
    const open = await importJWK({ kty: kty ?? '', n: n ?? '', e: e ?? '' }, ALG);
    const { payload } = await jwtVerify(shown, open, { algorithms: [ALG], issuer });
    const { iat = 0, nbf = iat, exp = 0 } = payload;
    const back = AGO + exp - Math.floor(Date.now() / 1000);
    const times = { iat: iat - back, nbf: nbf - back, exp: exp - back };
    return await new SignJWT({ ...payload, ...times })
      .setProtectedHeader({ alg: ALG, ...(kid === undefined ? {} : { kid }) })
      .sign(await importJWK(key, ALG));
  } catch (error) {
    if (error instanceof errors.JOSEError) return null;
    throw error;
  }
}

/** The token of an `Authorization: Bearer …` header; empty where there is none. */
export const bearerOf = (header: string | undefined): string =>
  /^Bearer (\S+)$/.exec(header ?? '')?.[1] ?? '';
