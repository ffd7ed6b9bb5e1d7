/**
 * What a token says of itself, read without verifying it: XRootD verifies. This tells why XRootD refused, and it
 * closes one hole of XRootD 5.5.3: its SciTokens plugin compares paths as bare prefixes, so `storage.modify:/user/st07`
 * opens `/user/st07x` too (`XrdAccRules::apply`; whole names since 5.7). Both look at the very same token, so that
 * what is not verified here is verified there.
 */
import { posix } from 'node:path';
import { z } from 'zod';
import { EXPORT } from './paths.ts';

export type Capability = 'read' | 'create' | 'modify';
/** One path and what is to be done there: one of these capabilities is enough. */
export interface Need {
  readonly path: string;
  readonly any: readonly Capability[];
}

const Claims = z.object({
  iss: z.string().optional(),
  sub: z.string().optional(),
  jti: z.string().optional(),
  aud: z.union([z.string(), z.array(z.string())]).optional(),
  exp: z.number().optional(),
  nbf: z.number().optional(),
  scope: z.string().optional(),
});
export type Claims = z.infer<typeof Claims>;

export interface Audience {
  readonly host: string;
  readonly port: number;
  readonly issuer: string;
}
/** "for anybody" of the WLCG profile */
const ANYBODY = 'https://wlcg.cern.ch/jwt/v1/any';

export type WhyRefused =
  | 'no-token'
  | 'token-in-address'
  | 'not-a-token'
  | 'expired'
  | 'not-yet'
  | 'wrong-issuer'
  | 'wrong-audience'
  | 'missing-scope'
  | 'elsewhere'
  | 'lookalike'
  | 'signature';

/** @returns null for what is no JWT at all */
export function readClaims(token: string): Claims | null {
  const parts = token.split('.');
  if (parts.length !== 3 || !parts.every((part) => /^[A-Za-z0-9_-]+$/.test(part))) return null;
  try {
    return (
      Claims.safeParse(JSON.parse(Buffer.from(parts[1] ?? '', 'base64url').toString('utf8'))).data ?? null
    );
  } catch (error) {
    if (error instanceof SyntaxError) return null;
    throw error;
  }
}

/** Audiences that an element takes; XRootD's configuration is made of the same list. */
export function audiencesOf({ host, port }: Audience): readonly string[] {
  return [host, `https://${host}:${port}`];
}

/** Paths, as elements have them, that a token opens for one capability. */
export function pathsFor(claims: Claims, capability: Capability): readonly string[] {
  return (claims.scope ?? '')
    .split(' ')
    .map((scope) => /^storage\.(read|create|modify):(\/.*)$/.exec(scope))
    .filter((match) => match?.[1] === capability)
    .map((match) => posix.join(EXPORT, match?.[2] ?? '').replace(/(.)\/$/, '$1'));
}

/** Whole names: `/user/st07` covers itself and what is below, never `/user/st07x`. */
export function covers(granted: string, path: string): boolean {
  const below = granted.endsWith('/') ? granted : `${granted}/`;
  return path === granted || path.startsWith(below);
}

/** XRootD would let this token in by a bare prefix, and it has no business there. */
export function isLookalike(claims: Claims, needs: readonly Need[]): boolean {
  return needs.some(({ path, any }) =>
    any.some((capability) => {
      const granted = pathsFor(claims, capability);
      return granted.some((one) => path.startsWith(one)) && !granted.some((one) => covers(one, path));
    }),
  );
}

/** Why XRootD said no to a request with this token; the first reason that a learner can do something about. */
export function whyRefused(
  token: string | null,
  audience: Audience,
  needs: readonly Need[],
  now = Date.now(),
): WhyRefused {
  if (token === null) return 'no-token';
  const claims = readClaims(token);
  if (claims === null) return 'not-a-token';
  return whyOfClaims(claims, audience, now) ?? whyOfScope(claims, needs) ?? 'signature';
}

function whyOfClaims(claims: Claims, audience: Audience, now: number): WhyRefused | null {
  const seconds = now / 1000;
  if (claims.iss !== audience.issuer) return 'wrong-issuer';
  if ((claims.exp ?? 0) <= seconds) return 'expired';
  if ((claims.nbf ?? 0) > seconds) return 'not-yet';
  const said = [claims.aud ?? []].flat();
  return said.some((one) => one === ANYBODY || audiencesOf(audience).includes(one)) ? null : 'wrong-audience';
}

function whyOfScope(claims: Claims, needs: readonly Need[]): WhyRefused | null {
  for (const { path, any } of needs) {
    const granted = any.flatMap((capability) => pathsFor(claims, capability));
    if (granted.length === 0) return 'missing-scope';
    if (!granted.some((one) => covers(one, path)))
      return isLookalike(claims, needs) ? 'lookalike' : 'elsewhere';
  }
  return null;
}

/** A sentence for a learner's log; the token itself never is part of it. */
export function sentenceOfRefusal(why: WhyRefused, needs: readonly Need[]): string {
  const wanted = needs.map(
    ({ path, any }) => `storage.${any.join(' or storage.')} for ${path.slice(EXPORT.length)}`,
  );
  const sentences: Readonly<Record<WhyRefused, string>> = {
    'no-token': 'No token came with the request: send Authorization: Bearer and the token.',
    'token-in-address':
      'The token stood in the address, where logs and histories keep it: send it as Authorization: Bearer.',
    'not-a-token': 'What came as a token is no JSON Web Token.',
    expired: 'The token has expired: get a new one.',
    'not-yet': 'The token is not valid yet: compare the clocks.',
    'wrong-issuer': 'The token is of an issuer that this element does not trust.',
    'wrong-audience': 'The token is for somebody else: its audience (aud) does not name this element.',
    'missing-scope': `The token lacks a scope: ${wanted.join(', ')}.`,
    elsewhere: `The token's storage scopes are for another folder; needed is ${wanted.join(', ')}.`,
    lookalike: `The token's folder only begins like this one; needed is ${wanted.join(', ')}.`,
    signature: 'The element could not verify the token, or has a reason of its own that it does not tell.',
  };
  return sentences[why];
}
