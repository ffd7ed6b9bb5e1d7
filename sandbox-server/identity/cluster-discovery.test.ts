import { describe, expect, it } from 'vitest';
import { clusterDiscovery } from './cluster-discovery.ts';

const own = {
  issuer: 'https://iam.example.org/',
  jwks_uri: 'https://iam.example.org/jwk',
  id_token_signing_alg_values_supported: ['RS256'],
  token_endpoint: 'https://iam.example.org/token',
};

describe('finding 12: a discovery document for the API server', () => {
  it.each(['https://iam.example.org', 'https://iam.example.org/'])(
    'names the issuer as tokens do: %s',
    (issuer) => {
      expect(clusterDiscovery(own, issuer)).toEqual({
        issuer,
        jwks_uri: own.jwks_uri,
        id_token_signing_alg_values_supported: ['RS256'],
      });
    },
  );
  it('is not made for another issuer, nor of something else', () => {
    expect(() => clusterDiscovery(own, 'https://iam.example.org.evil')).toThrow('and not of');
    expect(() => clusterDiscovery({ issuer: own.issuer }, own.issuer)).toThrow();
  });
});
