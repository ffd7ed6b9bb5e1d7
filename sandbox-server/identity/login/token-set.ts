/** What a token endpoint answered, as far as we keep it. */
import { decodeJwt, errors } from 'jose';
import { z } from 'zod';

/** Where a provider says nothing about a token's life, it is taken to be this short. */
const ASSUMED_SECONDS = 300;
const LONGEST_SECONDS = 24 * 3600;

export interface TokenSet {
  readonly access: string;
  readonly refresh: string | null;
  /** ms since the epoch */
  readonly accessUntil: number;
  readonly scope: string;
}
export interface Answered {
  readonly access_token: string;
  readonly refresh_token?: string | undefined;
  readonly expires_in?: number | undefined;
  readonly scope?: string | undefined;
}

export function tokenSet(answer: Answered, asked: string, now: number): TokenSet {
  const { access_token: access, refresh_token: refresh = null, scope = asked } = answer;
  return { access, refresh, scope, accessUntil: now + lifeOf(answer, now) };
}

/** ms; by `expires_in`, else the token's own `exp`, else assumed. */
function lifeOf(answer: Answered, now: number): number {
  const seconds = answer.expires_in ?? secondsLeft(answer.access_token, now) ?? ASSUMED_SECONDS;
  return Math.min(Math.max(seconds, 0), LONGEST_SECONDS) * 1000;
}

function secondsLeft(token: string, now: number): number | undefined {
  const exp = openClaims(token)?.exp;
  return exp === undefined ? undefined : exp - now / 1000;
}

const Open = z.looseObject({
  aud: z.union([z.string().transform((aud) => [aud]), z.array(z.string())]).optional(),
  exp: z.number().optional(),
  scope: z.string().optional(),
});
/** An access token's claims without trust, where it is a JWT at all (it came from the token endpoint over our own connection). */
export function openClaims(token: string): z.infer<typeof Open> | null {
  if (token.split('.').length !== 3) return null;
  try {
    return Open.safeParse(decodeJwt(token)).data ?? null;
  } catch (error) {
    if (error instanceof errors.JWTInvalid) return null;
    throw error;
  }
}
