/**
 * The programs that may use the development provider, each with its own scopes and audiences and no more.
 * As in IAM, a client's registered scopes hold one of `iam` and `wlcg`: that decides what its tokens look like.
 */
import { randomBytes } from 'node:crypto';
import type { ClientMetadata } from 'oidc-provider';
import { z } from 'zod';
import { keptAt } from '../secret-key.ts';
import { EXCHANGE } from '../exchange-grant.ts';

export type Profile = 'iam' | 'wlcg';

export interface Client {
  readonly id: string;
  /** absent: a public client */
  readonly secret?: string;
  readonly name: string;
  readonly profile: Profile;
  readonly redirects: readonly string[];
  readonly grants: readonly string[];
  readonly scopes: readonly string[];
  /** what it may ask for in a token exchange; a scope ending in `:/` allows every path below */
  readonly exchange: { readonly audiences: readonly string[]; readonly scopes: readonly string[] };
  /** audiences that are this client itself: tokens for them it may exchange further */
  readonly accepts: readonly string[];
  /** ours: the person is not asked for consent */
  readonly trusted: boolean;
}

export const PORTAL = 'palestra';
const LOGIN_SCOPES = ['openid', 'profile', 'email', 'offline_access'];
const STORAGE_SCOPES = ['storage.read:/', 'storage.create:/', 'storage.modify:/', 'storage.stage:/'];
const COMPUTE_SCOPES = ['compute.read', 'compute.create', 'compute.modify', 'compute.cancel'];
const CODE = 'authorization_code';
const REFRESH = 'refresh_token';
const DEVICE = 'urn:ietf:params:oauth:grant-type:device_code';

/** Secrets of the confidential clients, made at the first start. */
export async function secretsAt(file: string): Promise<Readonly<Record<string, string>>> {
  const make = () =>
    Object.fromEntries([PORTAL, 'rucio'].map((id) => [id, randomBytes(32).toString('base64url')]));
  return z
    .record(z.string(), z.string())
    .parse(JSON.parse(await keptAt(file, () => Promise.resolve(JSON.stringify(make())))));
}

/** Who is registered from the start. */
export function clientsFor(
  portal: { redirect: string; profile: Profile },
  secrets: Readonly<Record<string, string>>,
): readonly Client[] {
  const groups = portal.profile === 'wlcg' ? ['wlcg.groups'] : [];
  const given = (id: string) => (secrets[id] === undefined ? {} : { secret: secrets[id] });
  return [
    {
      id: PORTAL,
      ...given(PORTAL),
      name: 'Palestra',
      profile: portal.profile,
      redirects: [portal.redirect],
      grants: [CODE, REFRESH, EXCHANGE],
      scopes: [...LOGIN_SCOPES, ...groups],
      exchange: {
        audiences: ['palestra', 'rucio', 'xrootd', 'storage', 'dask', 'offload', 'palestra-cluster'],
        scopes: ['openid', 'profile', 'email', 'wlcg.groups', ...STORAGE_SCOPES, ...COMPUTE_SCOPES],
      },
      accepts: [],
      trusted: true,
    },
    {
      id: 'rucio',
      ...given('rucio'),
      name: 'Rucio',
      profile: 'wlcg',
      redirects: [],
      grants: [EXCHANGE, 'client_credentials'],
      scopes: ['openid', 'profile'],
      exchange: { audiences: ['xrootd', 'storage', 'fts'], scopes: ['openid', 'profile', ...STORAGE_SCOPES] },
      accepts: ['rucio'],
      trusted: false,
    },
    {
      id: 'command-line',
      name: 'A command-line program',
      profile: 'wlcg',
      redirects: [],
      grants: [DEVICE, REFRESH],
      scopes: [...LOGIN_SCOPES, 'wlcg.groups'],
      exchange: { audiences: [], scopes: [] },
      accepts: [],
      trusted: false,
    },
  ];
}

/** As oidc-provider wants it. */
export function metadataOf(client: Client): ClientMetadata {
  const coded = client.grants.includes(CODE);
  return {
    client_id: client.id,
    ...(client.secret === undefined ? {} : { client_secret: client.secret }),
    client_name: client.name,
    // posted, not Basic: IAM decodes a Basic header's parts differently from RFC 6749 where they hold - or _
    token_endpoint_auth_method: client.secret === undefined ? 'none' : 'client_secret_post',
    redirect_uris: [...client.redirects],
    response_types: coded ? ['code'] : [],
    grant_types: [...client.grants],
    scope: [...client.scopes, client.profile].join(' '),
  };
}
