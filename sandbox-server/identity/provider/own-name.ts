/** The client_credentials grant: a server's token in its own name, for what it was given a right to and nothing else. */
import { errors, type Provider, type TokenEndpointGrantContext } from 'oidc-provider';
import { z } from 'zod';
import type { SecondName, ServerRight } from './second-name.ts';
import { wordsOf } from './second-name.ts';

const Asked = z.object({ audience: z.string().min(1), scope: z.string().default('') });

/** In place of oidc-provider's own, which knows no `audience`. */
export function registerOwnName(provider: Provider, second: SecondName | undefined): void {
  provider.registerGrantType('client_credentials', (ctx) => grant(provider, second?.servers ?? [], ctx), [
    'audience',
    'scope',
  ]);
}

async function grant(
  provider: Provider,
  rights: readonly ServerRight[],
  ctx: TokenEndpointGrantContext,
): Promise<void> {
  const { client } = ctx.oidc;
  const asked = Asked.safeParse(ctx.oidc.params).data;
  if (asked === undefined) throw new errors.InvalidRequest('audience is needed');
  const audiences = wordsOf(asked.audience);
  const scopes = wordsOf(asked.scope);
  const mine = rights.filter((right) => right.client === client.clientId);
  const known = mine.flatMap((right) => right.audiences);
  if (audiences.length === 0 || !audiences.every((audience) => known.includes(audience)))
    throw new errors.InvalidTarget('this client may not ask for that audience');
  const right = mine.find((one) => covers(one, audiences, scopes));
  if (right === undefined)
    throw new errors.InvalidScope('this client may not ask for that scope', scopes.join(' '));
  const token = new provider.ClientCredentials({ client, aud: audiences.join(' '), scope: scopes.join(' ') });
  const value = await token.save();
  ctx.body = { access_token: value, token_type: 'Bearer', expires_in: token.expiration, scope: token.scope };
}

function covers(right: ServerRight, audiences: readonly string[], scopes: readonly string[]): boolean {
  return (
    audiences.every((audience) => right.audiences.includes(audience)) &&
    scopes.length > 0 &&
    scopes.every((scope) => right.scopes.includes(scope))
  );
}
