/** Renewing a login's access token, and with it what we know of the person's groups. Used inside a session's turn only. */
import * as openid from 'openid-client';
import type { Log } from '../../telemetry/index.ts';
import { groupsOf } from '../groups.ts';
import type { Clock } from './clock.ts';
import type { People } from './people.ts';
import type { Oidc, RelyingParty } from './relying-party.ts';
import { isFinal, reasonOf } from './reasons.ts';
import type { Session, Sessions } from './sessions.ts';
import { tokenSet } from './token-set.ts';

/** `over`: the provider said no for good; `later`: it did not answer, what we know still counts (F19) */
type Renewed =
  | { readonly state: 'fresh'; readonly session: Session }
  | { readonly state: 'over' }
  | { readonly state: 'later' };
export type Renew = (session: Session) => Promise<Renewed>;

export interface RenewalDeps {
  readonly party: RelyingParty;
  readonly oidc: Oidc;
  readonly sessions: Sessions;
  readonly people: People;
  readonly clock: Clock;
  readonly log: Log;
}
/** How long a provider that did not answer is left alone, for each session. */
const QUIET_MS = 20_000;

export function renewal({ party, oidc, sessions, people, clock, log }: RenewalDeps): Renew {
  const quietUntil = new Map<string, number>();

  const ask = async (session: Session, refresh: string): Promise<Session> => {
    const configuration = await party.configuration();
    const answer = await openid.refreshTokenGrant(configuration, refresh);
    const renewed = tokenSet(answer, session.tokens.scope, clock());
    const tokens = { ...renewed, refresh: renewed.refresh ?? refresh };
    // kept before anything else can fail: the old refresh token is spent
    await sessions.keep(session.id, tokens);
    const claims =
      answer.claims() ?? (await openid.fetchUserInfo(configuration, tokens.access, session.subject));
    if (claims.sub !== session.subject) throw new SomebodyElse();
    await people.regroup(session.person, groupsOf(claims[oidc.groupsClaim]), clock());
    return { ...session, tokens };
  };

  return async (session) => {
    const { refresh } = session.tokens;
    if (refresh === null) return { state: 'over' };
    if ((quietUntil.get(session.id) ?? 0) > clock()) return { state: 'later' };
    quietUntil.delete(session.id);
    try {
      return { state: 'fresh', session: await ask(session, refresh) };
    } catch (error) {
      const reason = error instanceof SomebodyElse ? 'wrong-subject' : reasonOrDown(error);
      log.warn({ reason, session: session.id.slice(0, 8) }, 'a login could not be renewed');
      if (isFinal(reason)) return { state: 'over' };
      quietUntil.set(session.id, clock() + QUIET_MS);
      return { state: 'later' };
    }
  };
}

/** The renewed ID token speaks of another subject than the login's. */
class SomebodyElse extends Error {}

function reasonOrDown(error: unknown) {
  // discovery's own Problem means nothing else
  return error instanceof Error && error.name === 'Problem' ? 'provider-down' : reasonOf(error);
}
