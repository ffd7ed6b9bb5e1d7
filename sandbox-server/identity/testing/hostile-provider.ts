/** A provider that answers whatever a test makes it answer, signed with real keys: discovery, JWKS, token, userinfo. */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import {
  exportJWK,
  exportSPKI,
  generateKeyPair,
  SignJWT,
  UnsecuredJWT,
  type CryptoKey,
  type JWTPayload,
} from 'jose';

interface Asked {
  readonly form: URLSearchParams;
  readonly authorization: string | undefined;
}
export interface Answer {
  readonly status?: number;
  readonly body: Record<string, unknown> | string;
  readonly headers?: Record<string, string>;
}
export interface Hostile {
  readonly issuer: string;
  /** answers each token request; may be replaced at any time */
  onToken: (asked: Asked) => Answer | Promise<Answer>;
  onUserinfo: (asked: Asked) => Answer | Promise<Answer>;
  /** more, or other, metadata */
  metadata: Record<string, unknown>;
  readonly asked: { jwks: number; token: number; discovery: number; revoked: URLSearchParams[] };
  /** an ID token as it should be, with claims (undefined removes one) and header changed */
  idToken(claims?: JWTPayload, header?: Record<string, unknown>): Promise<string>;
  unsigned(claims?: JWTPayload): string;
  /** HS256 with the bytes of the published public key as its secret */
  hmacWithPublicKey(claims?: JWTPayload): Promise<string>;
  /** the right kid, another key */
  forged(claims?: JWTPayload): Promise<string>;
  close(): Promise<void>;
}
export const CLIENT = 'portal-under-test';

/** Made once: a pair takes up to half a second. */
const keys = Promise.all([generateKeyPair('RS256', { extractable: true }), generateKeyPair('RS256')]);

export async function startHostile(path = ''): Promise<Hostile> {
  const [{ privateKey, publicKey }, other] = await keys;
  const jwks = { keys: [{ ...(await exportJWK(publicKey)), kid: 'rsa1' }] };
  const asked: Hostile['asked'] = { jwks: 0, token: 0, discovery: 0, revoked: [] };
  const server = createServer((req, res) => void handle(req, res));
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  const issuer = `http://127.0.0.1:${(server.address() as AddressInfo).port}${path}`;

  const claimsWith = (claims: JWTPayload = {}): JWTPayload => {
    const now = Math.floor(Date.now() / 1000);
    const usual = {
      iss: issuer,
      sub: 'ada-1',
      aud: CLIENT,
      iat: now,
      exp: now + 600,
      preferred_username: 'ada',
      name: 'Ada Lovelace',
    };
    return Object.fromEntries(
      Object.entries({ ...usual, ...claims }).filter(([, value]) => value !== undefined),
    );
  };
  const sign = (claims: JWTPayload | undefined, key: CryptoKey, header: Record<string, unknown> = {}) =>
    new SignJWT(claimsWith(claims)).setProtectedHeader({ alg: 'RS256', kid: 'rsa1', ...header }).sign(key);

  const hostile: Hostile = {
    issuer,
    asked,
    metadata: {},
    onToken: () => ({ status: 500, body: {} }),
    onUserinfo: () => ({ status: 401, body: {} }),
    idToken: (claims, header) => sign(claims, privateKey, header),
    unsigned: (claims) => new UnsecuredJWT(claimsWith(claims)).encode(),
    hmacWithPublicKey: async (claims) => {
      const secret = new TextEncoder().encode(await exportSPKI(publicKey));
      return new SignJWT(claimsWith(claims)).setProtectedHeader({ alg: 'HS256', kid: 'rsa1' }).sign(secret);
    },
    forged: (claims) => sign(claims, other.privateKey),
    close: () => new Promise((done) => void server.close(() => done()).closeAllConnections()),
  };

  const handle = async (req: IncomingMessage, res: ServerResponse): Promise<void> => {
    const form = new URLSearchParams(await bodyOf(req));
    const request = { form, authorization: req.headers.authorization };
    const reply = await answerTo(new URL(req.url ?? '/', issuer).pathname.slice(path.length), request);
    res.writeHead(reply.status ?? 200, { 'content-type': 'application/json', ...reply.headers });
    res.end(typeof reply.body === 'string' ? reply.body : JSON.stringify(reply.body));
  };
  const answerTo = (to: string, request: Asked): Answer | Promise<Answer> => {
    switch (to) {
      case '/.well-known/openid-configuration':
        asked.discovery += 1;
        return { body: metadataOf(issuer, hostile.metadata) };
      case '/jwk':
        asked.jwks += 1;
        return { body: jwks };
      case '/token':
        asked.token += 1;
        return hostile.onToken(request);
      case '/userinfo':
        return hostile.onUserinfo(request);
      case '/revoke':
        asked.revoked.push(request.form);
        return { body: {} };
      default:
        return { status: 404, body: {} };
    }
  };
  return hostile;
}

/** As IAM's: every algorithm is named, `none` and HS256 too. */
function metadataOf(issuer: string, more: Record<string, unknown>): Record<string, unknown> {
  return {
    issuer,
    authorization_endpoint: `${issuer}/authorize`,
    token_endpoint: `${issuer}/token`,
    userinfo_endpoint: `${issuer}/userinfo`,
    jwks_uri: `${issuer}/jwk`,
    revocation_endpoint: `${issuer}/revoke`,
    id_token_signing_alg_values_supported: ['none', 'HS256', 'RS256'],
    response_types_supported: ['code'],
    code_challenge_methods_supported: ['plain', 'S256'],
    ...more,
  };
}

async function bodyOf(req: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of req as AsyncIterable<Buffer>) chunks.push(chunk);
  return Buffer.concat(chunks).toString('utf8');
}
