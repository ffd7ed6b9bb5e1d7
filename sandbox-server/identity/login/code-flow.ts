/** The OIDC code flow: PKCE (S256), state and nonce, from the redirect to a checked ID token and its tokens. */
import * as openid from 'openid-client';
import { Problem } from '../../contract/errors.ts';
import type { Log } from '../../telemetry/index.ts';
import { claimedPerson, type Claimed } from '../claims.ts';
import type { Clock } from './clock.ts';
import { stateOf, type Flow, type Flows } from './flows.ts';
import { isCookie, sameText } from './random.ts';
import { REASONS, reasonOf, type Reason } from './reasons.ts';
import type { Oidc, RelyingParty } from './relying-party.ts';
import { tokenSet, type TokenSet } from './token-set.ts';

export interface CodeFlow {
  begin(next: string): Promise<{ location: URL; flow: string }>;
  /** @throws Problem `not-signed-in` with one of `REASONS` in its details, or `unavailable` */
  finish(
    callback: URL,
    cookie: string | undefined,
  ): Promise<{ claimed: Claimed; tokens: TokenSet; next: string }>;
}
export interface CodeFlowDeps {
  readonly party: RelyingParty;
  readonly oidc: Oidc;
  readonly flows: Flows;
  readonly clock: Clock;
  readonly log: Log;
}

export function codeFlow(deps: CodeFlowDeps): CodeFlow {
  const { party, oidc, flows, log } = deps;
  return {
    begin: async (next) => {
      const configuration = await party.configuration();
      const flow = await flows.begin(next);
      const location = openid.buildAuthorizationUrl(configuration, {
        redirect_uri: party.redirect,
        scope: oidc.scopes,
        state: flow.state,
        nonce: flow.nonce,
        code_challenge: await openid.calculatePKCECodeChallenge(flow.verifier),
        code_challenge_method: 'S256',
      });
      return { location, flow: flow.cookie };
    },
    finish: async (callback, cookie) => {
      const flow = await flowOf(callback, cookie, flows, log);
      const answer = await exchanged(deps, callback, flow).catch((error: unknown) => refuse(error, log));
      return { ...answer, next: flow.next };
    },
  };
}

/** Code → tokens, everything about the ID token checked by the library (T15–T24). */
async function exchanged({ party, oidc, clock }: CodeFlowDeps, callback: URL, flow: Flow) {
  const configuration = await party.configuration();
  // our own address and the callback's parameters: whatever Host it came by
  const current = new URL(`${party.redirect}${callback.search}`);
  const answer = await openid.authorizationCodeGrant(configuration, current, {
    pkceCodeVerifier: flow.verifier,
    expectedState: flow.state,
    expectedNonce: flow.nonce,
    idTokenExpected: true,
  });
  return {
    claimed: claimedPerson(answer.claims(), oidc.groupsClaim),
    tokens: tokenSet(answer, oidc.scopes, clock()),
  };
}

async function flowOf(callback: URL, cookie: string | undefined, flows: Flows, log: Log): Promise<Flow> {
  if (!isCookie(cookie)) throw notSignedIn('no-flow', log);
  const states = callback.searchParams.getAll('state');
  // compared before the flow is taken: a link from elsewhere cannot spend it
  if (states.length !== 1 || !sameText(states[0] ?? '', stateOf(cookie)))
    throw notSignedIn('wrong-state', log);
  const flow = await flows.take(cookie);
  if (flow === null) throw notSignedIn('flow-used', log);
  return flow;
}

function refuse(error: unknown, log: Log): never {
  if (error instanceof Problem) throw error;
  throw notSignedIn(reasonOf(error), log);
}

/** Without a cause: the library's errors hold tokens. */
function notSignedIn(reason: Reason, log: Log): Problem {
  log.warn({ reason }, 'a sign-in was refused');
  const code = reason === 'provider-down' ? 'unavailable' : 'not-signed-in';
  return new Problem(code, `${REASONS[reason]} Please sign in again.`, { details: { reason } });
}
