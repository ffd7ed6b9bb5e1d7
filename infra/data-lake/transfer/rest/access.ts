/** Who may ask: bearers of a token of our issuer, for us (`aud`), with the scope `fts`, that has not ended. */
import { createRemoteJWKSet, customFetch, errors, jwtVerify, type JWTVerifyGetKey } from 'jose';
import { z } from 'zod';
import type { Web } from '../copy/web.ts';

export interface Bearer {
  readonly sub: string;
}
export interface AccessOptions {
  readonly web: Web;
  readonly issuer: string;
  /** any of them: Rucio asks for a token for our host's name */
  readonly audiences: readonly string[];
}
export interface Access {
  /** @throws Refusal */
  admit(authorization: string | undefined): Promise<Bearer>;
}

/** FTS3's form of an error. */
export class Refusal extends Error {
  readonly status: number;
  constructor(status: number, message: string, cause?: unknown) {
    super(message, cause === undefined ? {} : { cause });
    this.name = 'Refusal';
    this.status = status;
  }
}

const SCOPE = 'fts';
const ALGORITHMS = ['RS256', 'RS384', 'RS512', 'PS256', 'ES256', 'ES384', 'EdDSA'];
const PATIENCE_MS = 5000;

const Discovery = z.object({ issuer: z.string(), jwks_uri: z.url({ protocol: /^https$/ }) });
const Claims = z.object({ sub: z.string().min(1).max(255), scope: z.string().max(10_000).default('') });

export function createAccess({ web, issuer, audiences }: AccessOptions): Access {
  let keys: Promise<JWTVerifyGetKey> | null = null;

  function keysOfIssuer(): Promise<JWTVerifyGetKey> {
    keys ??= discover(web, issuer).catch((error: unknown) => {
      // asked again by the next request: it may only just be starting
      keys = null;
      throw new Refusal(
        503,
        `The token issuer ${issuer} cannot be asked for its keys now: try again in a moment.`,
        error,
      );
    });
    return keys;
  }

  return {
    async admit(authorization) {
      const token = /^Bearer +([^\s]+)$/i.exec(authorization ?? '')?.[1];
      if (token === undefined) throw new Refusal(401, 'A bearer token is needed.');
      const claims = await verified(token, await keysOfIssuer(), issuer, audiences);
      if (!claims.scope.split(' ').includes(SCOPE))
        throw new Refusal(
          403,
          `The token lacks the scope ${SCOPE}; it has ${JSON.stringify(claims.scope.slice(0, 200))}.`,
        );
      return { sub: claims.sub };
    },
  };
}

async function verified(token: string, keys: JWTVerifyGetKey, issuer: string, audiences: readonly string[]) {
  try {
    const { payload } = await jwtVerify(token, keys, {
      // INDIGO IAM writes its issuer with and without the last slash
      issuer: [bare(issuer), `${bare(issuer)}/`],
      audience: [...audiences],
      algorithms: ALGORITHMS,
      requiredClaims: ['exp', 'sub'],
      clockTolerance: 5,
    });
    return Claims.parse(payload);
  } catch (error) {
    if (isIssuersFault(error))
      throw new Refusal(
        503,
        `The keys of the token issuer ${issuer} cannot be read now: try again in a moment.`,
        error,
      );
    throw new Refusal(401, `Invalid token: ${whyInvalid(error, audiences)}`, error);
  }
}

function isIssuersFault(error: unknown): boolean {
  if (error instanceof z.ZodError) return false;
  if (error instanceof errors.JWKSTimeout || error instanceof errors.JWKSInvalid) return true;
  return !(error instanceof errors.JOSEError) || error.code === 'ERR_JOSE_GENERIC';
}

function whyInvalid(error: unknown, audiences: readonly string[]): string {
  if (error instanceof errors.JWTExpired) return 'it has expired';
  if (error instanceof errors.JWTClaimValidationFailed)
    return error.claim === 'aud'
      ? `it is not for this service (audience ${audiences.join(' or ')})`
      : `its ${error.claim} does not fit`;
  if (error instanceof errors.JWSSignatureVerificationFailed || error instanceof errors.JWKSNoMatchingKey)
    return 'it is not signed by the issuer';
  return 'it is no signed JWT with what is needed in it';
}

async function discover(web: Web, issuer: string): Promise<JWTVerifyGetKey> {
  const url = new URL(`${bare(issuer)}/.well-known/openid-configuration`);
  const answer = await web.ask('GET', url, { patienceMs: PATIENCE_MS });
  if (answer.status !== 200) throw new Error(`${url.href} answered ${answer.status}`);
  const found = Discovery.parse(JSON.parse(answer.body));
  if (bare(found.issuer) !== bare(issuer)) throw new Error(`${url.href} names another issuer`);
  return createRemoteJWKSet(new URL(found.jwks_uri), {
    timeoutDuration: PATIENCE_MS,
    // through our own authority and names
    [customFetch]: async (jwks) => {
      const { status, body } = await web.ask('GET', new URL(jwks), { patienceMs: PATIENCE_MS });
      return new Response(body, { status, headers: { 'content-type': 'application/json' } });
    },
  });
}

function bare(issuer: string): string {
  return issuer.replace(/\/+$/, '');
}
