/** An issuer of the tests' own under the lake's https name: keys, discovery, tokens of any content. */
import { createServer } from 'node:https';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { SignJWT, exportJWK, generateKeyPair } from 'jose';
import type { LakePlace } from '../../place.ts';

export interface TestIssuer {
  /** A learner's token as the lake's provider gives it, changed where a test wants it otherwise. */
  mint(user: string, change?: Readonly<Record<string, unknown>>): Promise<string>;
  /** the same claims, signed by a key that nobody published */
  forge(user: string): Promise<string>;
  close(): Promise<void>;
}

export async function startIssuer(place: LakePlace): Promise<TestIssuer> {
  const [own, foreign] = await Promise.all([newKey(), newKey()]);
  const documents: Readonly<Record<string, unknown>> = {
    '/.well-known/openid-configuration': { issuer: place.issuer, jwks_uri: `${place.issuer}jwk` },
    '/.well-known/oauth-authorization-server': { issuer: place.issuer, jwks_uri: `${place.issuer}jwk` },
    '/jwk': { keys: [{ ...(await exportJWK(own.publicKey)), kid: 'test', alg: 'RS256', use: 'sig' }] },
  };
  const { cert, key } = place.authority.certificates.iam;
  const server = createServer({ cert: readFileSync(cert), key: readFileSync(key) }, (req, res) => {
    const found = documents[req.url ?? ''];
    res.writeHead(found === undefined ? 404 : 200, { 'content-type': 'application/json' });
    res.end(JSON.stringify(found ?? {}));
  });
  server.listen(place.iam.port, '127.0.0.1');
  await once(server, 'listening');
  const sign = (signer: Signer, claims: Readonly<Record<string, unknown>>) =>
    new SignJWT({ ...claims }).setProtectedHeader({ alg: 'RS256', kid: 'test' }).sign(signer);
  return {
    mint: (user, change = {}) => sign(own.privateKey, { ...claimsOf(place, user), ...change }),
    forge: (user) => sign(foreign.privateKey, claimsOf(place, user)),
    async close() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}

function claimsOf(place: LakePlace, user: string): Readonly<Record<string, unknown>> {
  const now = Math.floor(Date.now() / 1000);
  return {
    iss: place.issuer,
    sub: `sub-of-${user}`,
    jti: `jti-${user}-0123456789`,
    aud: ['rucio', ...place.elements.map((element) => element.host)],
    iat: now,
    nbf: now - 1,
    exp: now + 1_200,
    scope: `openid profile wlcg.groups storage.read:/ storage.create:/user/${user} storage.modify:/user/${user}`,
    'wlcg.ver': '1.0',
    'wlcg.groups': ['/palestra'],
  };
}

type Signer = Awaited<ReturnType<typeof newKey>>['privateKey'];

function newKey() {
  return generateKeyPair('RS256', { modulusLength: 2048 });
}
