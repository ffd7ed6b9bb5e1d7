/** oidc-provider told to be an INDIGO IAM: its endpoints, its token lives, its claims. */
import { interactionPolicy, type Configuration, type KoaContextWithOIDC } from 'oidc-provider';
import type { Account, Accounts } from './accounts.ts';
import { metadataOf, type Client } from './clients.ts';
import { interactionPath } from './interactions.ts';
import type { SigningKey } from './keys.ts';
import type { AdapterMaker } from './objects.ts';
import { deviceCodePage, deviceConfirmPage, messagePage } from './pages.ts';
import { pageHeaders } from './page.ts';
import { accessClaims, personClaims } from './profiles.ts';
import { EXCHANGE } from '../exchange-grant.ts';

/** Seconds; the defaults are an IAM's, with an hour for a login's access token and 20 minutes for a sandbox's. */
export interface Lifetimes {
  readonly access: number;
  readonly exchanged: number;
  readonly refresh: number;
}
export const LIFETIMES: Lifetimes = { access: 3600, exchanged: 1200, refresh: 30 * 86_400 };

export interface ConfigurationParts {
  readonly issuer: string;
  readonly adapter: AdapterMaker;
  readonly accounts: Accounts;
  readonly clients: readonly Client[];
  readonly key: SigningKey;
  readonly cookieKey: string;
  readonly lifetimes: Lifetimes;
}
const CLAIMS = [
  'sub',
  'name',
  'preferred_username',
  'given_name',
  'family_name',
  'email',
  'email_verified',
  'organisation_name',
  'groups',
  'wlcg.ver',
  'wlcg.groups',
  'amr',
];
const SCOPES = ['openid', 'profile', 'email', 'offline_access', 'wlcg.groups', 'iam', 'wlcg'];

export function configurationOf(parts: ConfigurationParts): Configuration {
  const { issuer, accounts, clients, lifetimes } = parts;
  const root = `${new URL(issuer).pathname.replace(/\/$/, '')}/`;
  return {
    adapter: parts.adapter,
    clients: clients.map(metadataOf),
    jwks: { keys: [parts.key.jwk] },
    scopes: SCOPES,
    // which of these a token has is decided by `personClaims`, from its scopes and its client's profile
    claims: { openid: CLAIMS },
    conformIdTokenClaims: false,
    findAccount: (ctx, sub) => accountFor(ctx, accounts.find(sub), clients),
    extraTokenClaims: (ctx, token) => extraClaims(ctx, token, accounts, clients),
    loadExistingGrant: (ctx) => grantFor(ctx, clients),
    interactions: {
      policy: policyFor(clients),
      url: (_ctx, interaction) => interactionPath(issuer, interaction.uid),
    },
    cookies: {
      // their own names and path: the portal has cookies on this origin too
      names: { session: 'palestra_idp', interaction: 'palestra_idp_step', resume: 'palestra_idp_resume' },
      long: { httpOnly: true, sameSite: 'lax', path: root },
      short: { httpOnly: true, sameSite: 'lax' },
      keys: [parts.cookieKey],
    },
    features: {
      devInteractions: { enabled: false },
      rpInitiatedLogout: { enabled: false },
      introspection: { enabled: true, allowedPolicy: (_ctx, client) => client.clientAuthMethod !== 'none' },
      revocation: {
        enabled: true,
        allowedPolicy: (_ctx, client, token) => token.clientId === client.clientId,
      },
      clientCredentials: { enabled: true },
      resourceIndicators: { enabled: false },
      deviceFlow: { enabled: true, ...devicePages },
    },
    routes: {
      authorization: '/authorize',
      token: '/token',
      userinfo: '/userinfo',
      jwks: '/jwk',
      introspection: '/introspect',
      revocation: '/revoke',
      device_authorization: '/devicecode',
      code_verification: '/device',
    },
    rotateRefreshToken: true,
    clientBasedCORS: () => false,
    ttl: {
      AccessToken: (_ctx, token) => (token.gty === EXCHANGE ? lifetimes.exchanged : lifetimes.access),
      RefreshToken: lifetimes.refresh,
      AuthorizationCode: 60,
      IdToken: 600,
      ClientCredentials: lifetimes.exchanged,
      DeviceCode: 600,
      Interaction: 3600,
      Session: 14 * 86_400,
      Grant: 31 * 86_400,
    },
    renderError: (ctx, out) => {
      show(
        ctx,
        messagePage('That did not work', `${out.error}: ${out.error_description ?? 'no more is known'}.`),
      );
    },
  };
}

const devicePages = {
  userCodeInputSource: (ctx: KoaContextWithOIDC, form: string, out?: { error: string }, err?: Error) => {
    const error = err?.message ?? out?.error;
    show(
      ctx,
      deviceCodePage(form, error === undefined || error === '' ? undefined : `That did not work: ${error}.`),
    );
  },
  userCodeConfirmSource: (
    ctx: KoaContextWithOIDC,
    form: string,
    client: { clientName?: string | undefined; clientId: string },
    _device: unknown,
    code: string,
  ) => {
    show(ctx, deviceConfirmPage(form, client.clientName ?? client.clientId, code));
  },
  successSource: (ctx: KoaContextWithOIDC) =>
    show(
      ctx,
      messagePage('Connected', 'Your device or terminal goes on by itself. You may close this page.'),
    ),
};

function show(ctx: KoaContextWithOIDC, body: string): void {
  ctx.set(pageHeaders());
  ctx.body = body;
}

function accountFor(ctx: KoaContextWithOIDC, account: Account | undefined, clients: readonly Client[]) {
  if (account === undefined) return undefined;
  return {
    accountId: account.sub,
    claims: (_use: string, scope: string) => ({
      sub: account.sub,
      ...personClaims(account, issueFor(ctx.oidc.client?.clientId, scope, clients)),
    }),
  };
}

function extraClaims(
  _ctx: KoaContextWithOIDC,
  token: object,
  accounts: Accounts,
  clients: readonly Client[],
) {
  const { accountId, clientId, scope, iat } = token as {
    accountId?: string;
    clientId?: string;
    scope?: string;
    iat?: number;
  };
  const account = accountId === undefined ? undefined : accounts.find(accountId);
  return accessClaims(
    account,
    issueFor(clientId, scope ?? '', clients),
    iat ?? Math.floor(Date.now() / 1000),
  );
}

function issueFor(clientId: string | undefined, scope: string, clients: readonly Client[]) {
  const profile = clients.find((c) => c.id === clientId)?.profile ?? 'iam';
  return { profile, scopes: new Set(scope.split(' ').filter((s) => s !== '')) };
}

/** A program of ours has what it asks for; another has what the person agreed to. */
async function grantFor(ctx: KoaContextWithOIDC, clients: readonly Client[]) {
  const { client, account, session, provider, params, result } = ctx.oidc;
  if (client === undefined || account === undefined) return undefined;
  const known = result?.consent?.grantId ?? session?.grantIdFor(client.clientId);
  const grant = known === undefined ? undefined : await provider.Grant.find(known);
  if (!trusted(client.clientId, clients)) return grant;
  const given = grant ?? new provider.Grant({ accountId: account.accountId, clientId: client.clientId });
  given.addOIDCScope(typeof params?.scope === 'string' ? params.scope : 'openid');
  await given.save();
  return given;
}

/** As usual, but whoever comes is asked who they are: here one may be somebody else each time. */
function policyFor(clients: readonly Client[]) {
  const { Check } = interactionPolicy;
  const policy = interactionPolicy.base();
  const choose = new Check(
    'choose_person',
    'a person must be chosen',
    'login_required',
    ({ oidc }) => oidc.result?.login === undefined && !oidc.prompts.has('none'),
  );
  policy.get('login')?.checks.push(choose);
  const checks = policy.get('consent')?.checks;
  const asked = checks?.get('consent_prompt');
  if (asked === undefined)
    throw new Error('oidc-provider has no consent prompt to be skipped for our own client');
  const check = asked.check.bind(asked);
  // prompt=consent is how oidc-provider is asked for a refresh token; it must not cost our own people a page
  asked.check = (ctx) => !trusted(ctx.oidc.client?.clientId, clients) && check(ctx);
  return policy;
}

function trusted(clientId: string | undefined, clients: readonly Client[]): boolean {
  return clients.some((c) => c.id === clientId && c.trusted);
}
