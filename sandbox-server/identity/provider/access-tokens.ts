/**
 * IAM's access tokens are JWTs that the provider also keeps: they work at userinfo, introspection and exchange,
 * and die when they are revoked. oidc-provider has either JWTs it forgets or opaque ones it keeps; here the kept
 * one's handle (`jti`) is wrapped in a signed JWT on the way out and unwrapped on the way in.
 */
import { errors, jwtVerify, SignJWT } from 'jose';
import type { AccessToken, Provider } from 'oidc-provider';
import { withoutSlash } from '../person-id.ts';
import { EXCHANGE } from '../exchange-grant.ts';
import type { Client } from './clients.ts';
import { ALG, KID, type SigningKey } from './keys.ts';
import { openAudience } from './profiles.ts';
import { issuerFor, wordsOf, type SecondName } from './second-name.ts';

export interface AccessTokens {
  /** the handle inside a token of ours, still valid by its signature and time; null for anything else */
  handleOf(jwt: string): Promise<string | null>;
}
/** What oidc-provider calls on a token that is being saved. */
interface Saved {
  getValueAndPayload(): Promise<{ value: string; payload: TokenPayload }>;
}
interface TokenPayload {
  readonly jti: string;
  readonly iat: number;
  readonly exp: number;
  readonly accountId?: string;
  readonly clientId: string;
  /** several with spaces between */
  readonly aud?: string;
  readonly gty?: string;
  readonly extra?: Readonly<Record<string, unknown>>;
}

/** @param issuer as configured: IAM writes it into access tokens as it stands, without the slash it adds elsewhere */
export function wrapAccessTokens(
  provider: Provider,
  key: SigningKey,
  issuer: string,
  clients: readonly Client[],
  second?: SecondName,
): AccessTokens {
  for (const model of [provider.AccessToken, provider.ClientCredentials]) {
    const saved = model.prototype as unknown as Saved;
    // eslint-disable-next-line @typescript-eslint/unbound-method -- called with the token it is saved for
    const original = saved.getValueAndPayload;
    saved.getValueAndPayload = async function (this: Saved) {
      const { payload } = await original.call(this);
      return { value: await signed(claimsOf(payload, issuer, clients, second), key), payload };
    };
  }
  const names = [issuer, ...(second === undefined ? [] : [second.issuer])];
  return { handleOf: (jwt) => handleOf(jwt, key, names) };
}

function claimsOf(
  payload: TokenPayload,
  issuer: string,
  clients: readonly Client[],
  second: SecondName | undefined,
): Record<string, unknown> {
  const { jti, iat, exp, clientId, accountId = clientId, aud, gty, extra } = payload;
  const profile = clients.find((c) => c.id === clientId)?.profile ?? 'iam';
  const audiences = wordsOf(aud);
  const [only] = audiences;
  const audience = audiences.length > 1 ? audiences : (only ?? openAudience(profile));
  const iss = issuerFor(audiences, issuer, second);
  if (iss === null) throw new TypeError(`no one issuer speaks for ${audiences.join(' ')}`);
  return {
    ...extra,
    sub: accountId,
    iss,
    iat,
    exp,
    jti,
    client_id: clientId,
    ...(audience === undefined ? {} : { aud: audience }),
    ...(gty === EXCHANGE ? { act: { sub: clientId } } : {}),
  };
}

function signed(claims: Record<string, unknown>, key: SigningKey): Promise<string> {
  return new SignJWT(claims).setProtectedHeader({ kid: KID, alg: ALG }).sign(key.privateKey);
}

async function handleOf(jwt: string, key: SigningKey, names: readonly string[]): Promise<string | null> {
  try {
    const { payload } = await jwtVerify(jwt, key.publicKey, {
      algorithms: [ALG],
      issuer: names.flatMap((name) => [withoutSlash(name), `${withoutSlash(name)}/`]),
    });
    return payload.jti ?? null;
  } catch (error) {
    if (error instanceof errors.JOSEError) return null;
    throw error;
  }
}

/** The token as the provider keeps it, where the JWT still opens one. */
export async function keptToken(
  provider: Provider,
  tokens: AccessTokens,
  jwt: string,
): Promise<AccessToken | undefined> {
  const handle = await tokens.handleOf(jwt);
  return handle === null ? undefined : provider.AccessToken.find(handle);
}
