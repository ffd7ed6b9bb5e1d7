/** The grant of RFC 8693, which oidc-provider lacks: a person's token for a narrower one, answered as IAM does. */
import { errors, type Provider, type TokenEndpointGrantContext } from 'oidc-provider';
import { z } from 'zod';
import { ACCESS_TOKEN, EXCHANGE, JWT } from '../exchange-grant.ts';
import { keptToken, type AccessTokens } from './access-tokens.ts';
import type { Client } from './clients.ts';

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

export function registerExchange(provider: Provider, tokens: AccessTokens, clients: readonly Client[]): void {
  provider.registerGrantType(EXCHANGE, (ctx) => exchange(provider, tokens, clients, ctx), PARAMETERS);
}

async function exchange(
  provider: Provider,
  tokens: AccessTokens,
  clients: readonly Client[],
  ctx: TokenEndpointGrantContext,
): Promise<void> {
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
  const scopes = asked.scope.split(' ').filter((s) => s !== '');
  if (!client.exchange.audiences.includes(asked.audience))
    throw new errors.InvalidTarget('this client may not ask for that audience');
  const denied = scopes.find((scope) => !client.exchange.scopes.some((allowed) => covers(allowed, scope)));
  if (denied !== undefined) throw new errors.InvalidScope('this client may not ask for that scope', denied);

  const token = new provider.AccessToken({
    client: ctx.oidc.client,
    accountId: subject.accountId,
    // revoked together with the login it came from
    grantId: subject.grantId,
    gty: EXCHANGE,
    aud: asked.audience,
    scope: scopes.join(' '),
  });
  const value = await token.save();
  const answer = { access_token: value, issued_token_type: JWT, token_type: 'Bearer' };
  ctx.body = { ...answer, expires_in: token.expiration, scope: token.scope };
}

/** Its own tokens, or those whose audience it is. */
function mayExchange(
  client: Client,
  subject: { readonly clientId?: string | undefined; readonly aud?: string | string[] | undefined },
): boolean {
  const audiences = typeof subject.aud === 'string' ? [subject.aud] : (subject.aud ?? []);
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
