/** The grant of RFC 8693, which oidc-provider lacks: a person's token for a narrower one, answered as IAM does. */
import { errors, type Provider, type TokenEndpointGrantContext } from 'oidc-provider';
import { z } from 'zod';
import { ACCESS_TOKEN, EXCHANGE, JWT } from '../exchange-grant.ts';
import { keptToken, type AccessTokens } from './access-tokens.ts';
import type { Accounts } from './accounts.ts';
import type { Client } from './clients.ts';
import { issuerFor, wordsOf, type SecondName } from './second-name.ts';
import { foreignScope } from './storage-paths.ts';

const PARAMETERS = ['subject_token', 'subject_token_type', 'requested_token_type', 'audience', 'scope'];
/** A path in a scope, as WLCG writes them: storage.read:/public */
const PATH_SCOPE = /^([a-z.]+):(\/.*)$/;

const Asked = z.object({
  subject_token: z.string().min(1),
  subject_token_type: z.literal([ACCESS_TOKEN, JWT]),
  requested_token_type: z.literal([ACCESS_TOKEN, JWT]).optional(),
  audience: z.string().min(1),
  scope: z.string().default('openid'),
});

export interface ExchangeParts {
  readonly provider: Provider;
  readonly tokens: AccessTokens;
  readonly clients: readonly Client[];
  readonly accounts: Accounts;
  readonly second: SecondName | undefined;
}

export function registerExchange(parts: ExchangeParts): void {
  parts.provider.registerGrantType(EXCHANGE, (ctx) => exchange(parts, ctx), PARAMETERS);
}

async function exchange(parts: ExchangeParts, ctx: TokenEndpointGrantContext): Promise<void> {
  const { provider, tokens, clients } = parts;
  const client = clients.find((c) => c.id === ctx.oidc.client.clientId);
  if (client === undefined) throw new errors.InvalidClient('unknown client');
  const asked = Asked.safeParse(ctx.oidc.params).data;
  if (asked === undefined)
    throw new errors.InvalidRequest(
      'subject_token, subject_token_type (an access token) and audience are needed',
    );
  const subject = await keptToken(provider, tokens, asked.subject_token);
  if (subject === undefined || !subject.isValid)
    throw new errors.InvalidGrant('the subject token is not valid');
  if (!mayExchange(client, subject))
    throw new errors.InvalidGrant('the subject token was made for another client');
  const scope = allowedScope(parts, client, subject.accountId, asked);
  const token = new provider.AccessToken({
    client: ctx.oidc.client,
    accountId: subject.accountId,
    // revoked together with the login it came from
    grantId: subject.grantId,
    gty: EXCHANGE,
    aud: wordsOf(asked.audience).join(' '),
    scope,
  });
  const value = await token.save();
  const answer = { access_token: value, issued_token_type: JWT, token_type: 'Bearer' };
  ctx.body = { ...answer, expires_in: token.expiration, scope: token.scope };
}

/**
 * @returns the scope as it is granted
 * @throws InvalidTarget or InvalidScope where the client has no right to it, or it names somebody else's folder
 */
export function allowedScope(
  { accounts, second }: Pick<ExchangeParts, 'accounts' | 'second'>,
  client: Client,
  accountId: string,
  asked: { readonly audience: string; readonly scope: string },
): string {
  const audiences = wordsOf(asked.audience);
  const scopes = wordsOf(asked.scope);
  const allowed = [...client.exchange.audiences, ...(client.trusted ? (second?.audiences ?? []) : [])];
  if (audiences.length === 0 || !audiences.every((audience) => allowed.includes(audience)))
    throw new errors.InvalidTarget('this client may not ask for that audience');
  const issuer = issuerFor(audiences, '', second);
  if (issuer === null) throw new errors.InvalidTarget('these audiences have no issuer in common');
  const denied = scopes.find((scope) => !client.exchange.scopes.some((one) => covers(one, scope)));
  if (denied !== undefined) throw new errors.InvalidScope('this client may not ask for that scope', denied);
  const foreign = foreignScope(scopes, accounts.find(accountId)?.username ?? '', issuer === second?.issuer);
  if (foreign !== undefined)
    throw new errors.InvalidScope('this scope names a folder that is not this person’s', foreign);
  return scopes.join(' ');
}

/** Its own tokens, or those whose audience it is. */
function mayExchange(
  client: Client,
  subject: { readonly clientId?: string | undefined; readonly aud?: string | string[] | undefined },
): boolean {
  const audiences = typeof subject.aud === 'string' ? wordsOf(subject.aud) : (subject.aud ?? []);
  return subject.clientId === client.id || audiences.some((aud) => client.accepts.includes(aud));
}

/** Whether a registered scope allows the asked one: the same, or a path at or below its own. */
export function covers(allowed: string, asked: string): boolean {
  if (allowed === asked) return true;
  const [, name, below = ''] = PATH_SCOPE.exec(allowed) ?? [];
  const [, askedName, path = ''] = PATH_SCOPE.exec(asked) ?? [];
  if (name === undefined || name !== askedName || path.split('/').includes('..')) return false;
  return path === below || path.startsWith(below.endsWith('/') ? below : `${below}/`);
}
