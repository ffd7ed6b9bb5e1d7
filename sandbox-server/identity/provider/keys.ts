/** The provider's signing key: made once, kept 0600, published without its private half. */
import { createPrivateKey } from 'node:crypto';
import { exportJWK, generateKeyPair, importJWK } from 'jose';
import type { CryptoKey, JWK } from 'jose';
import { keptAt } from '../secret-key.ts';

export const ALG = 'RS256';
/** what INDIGO IAM calls its one key */
export const KID = 'rsa1';

export interface SigningKey {
  /** the whole key, for oidc-provider's own signatures (ID tokens) */
  readonly jwk: JWK;
  readonly privateKey: CryptoKey;
  readonly publicKey: CryptoKey;
}

/** @param file a JWK, or a private key of RSA as PEM, which a chart can make */
export async function signingKeyAt(file: string): Promise<SigningKey> {
  const text = await keptAt(file, newKey);
  const jwk = text.startsWith('-----BEGIN') ? jwkOf(text) : (JSON.parse(text) as JWK);
  const { kty, n, e } = jwk;
  const privateKey = await importJWK(jwk, ALG);
  const publicKey = await importJWK({ kty: kty ?? '', n: n ?? '', e: e ?? '' }, ALG);
  if (privateKey instanceof Uint8Array || publicKey instanceof Uint8Array)
    throw new Error(`${file} holds no RSA key`);
  return { jwk, privateKey, publicKey };
}

const USE = { kid: KID, alg: ALG, use: 'sig' };

function jwkOf(pem: string): JWK {
  return { ...createPrivateKey(pem).export({ format: 'jwk' }), ...USE };
}

async function newKey(): Promise<string> {
  const { privateKey } = await generateKeyPair(ALG, { modulusLength: 2048, extractable: true });
  return JSON.stringify({ ...(await exportJWK(privateKey)), ...USE });
}
