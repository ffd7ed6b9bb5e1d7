/** What tokens and userinfo say, in IAM's two profiles: see the payloads of INDIGO IAM 1.12.0. Pure. */
import type { Account } from './accounts.ts';
import type { Profile } from './clients.ts';

export interface Issue {
  readonly profile: Profile;
  readonly scopes: ReadonlySet<string>;
}

/** The person's claims for an ID token or userinfo; iam: `icsc/users`, wlcg: `/icsc/users` and only when asked. */
export function personClaims(account: Account, { profile, scopes }: Issue): Record<string, unknown> {
  return {
    sub: account.sub,
    ...(scopes.has('profile') ? nameClaims(account) : {}),
    ...(scopes.has('email') ? { email: account.email, email_verified: true } : {}),
    ...(profile === 'iam' && scopes.has('profile') ? { organisation_name: 'palestra-dev' } : {}),
    ...(profile === 'wlcg' ? { 'wlcg.ver': '1.0' } : {}),
    ...groupClaims(account, { profile, scopes }),
  };
}

/** What an access token says besides iss, sub, exp, iat, jti and client_id. IAM's iam profile names groups, and no audience. */
export function accessClaims(
  account: Account | undefined,
  issue: Issue,
  iat: number,
): Record<string, unknown> {
  const scope = [...issue.scopes].join(' ');
  const shared = { nbf: iat, scope, ...(account ? groupClaims(account, issue) : {}) };
  if (issue.profile === 'wlcg') return { 'wlcg.ver': '1.0', ...shared };
  const named = account && issue.scopes.has('profile');
  return {
    ...shared,
    ...(named
      ? { preferred_username: account.username, name: account.name, organisation_name: 'palestra-dev' }
      : {}),
    ...(account && issue.scopes.has('email') ? { email: account.email } : {}),
  };
}

/** The audience of a token that nobody narrowed: whoever, in the wlcg profile; unsaid, in the iam one. */
export function openAudience(profile: Profile): string | undefined {
  return profile === 'wlcg' ? 'https://wlcg.cern.ch/jwt/v1/any' : undefined;
}

function nameClaims({ name, username }: Account): Record<string, unknown> {
  const [given, ...family] = name.split(' ');
  return { name, preferred_username: username, given_name: given, family_name: family.join(' ') };
}

function groupClaims({ groups }: Account, { profile, scopes }: Issue): Record<string, unknown> {
  if (profile === 'iam') return scopes.has('profile') ? { groups: [...groups] } : {};
  return scopes.has('wlcg.groups') ? { 'wlcg.groups': groups.map((g) => `/${g}`) } : {};
}
