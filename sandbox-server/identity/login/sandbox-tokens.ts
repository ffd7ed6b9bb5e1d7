/**
 * Tokens that go into sandboxes: short, for one audience and scope, by RFC 8693 exchange from the person's newest
 * login; the login's own tokens stay in the server. Kept and shared until 60% of their life.
 */
import * as openid from 'openid-client';
import { Problem } from '../../contract/errors.ts';
import type { Log } from '../../telemetry/index.ts';
import { ACCESS_TOKEN, EXCHANGE } from '../exchange-grant.ts';
import type { SandboxToken } from '../face.ts';
import type { Clock } from './clock.ts';
import type { Logins } from './logins.ts';
import type { Oidc, RelyingParty } from './relying-party.ts';
import { reasonOf } from './reasons.ts';
import type { Session, Sessions } from './sessions.ts';
import { openClaims, tokenSet } from './token-set.ts';

/** A token for this audience is good everywhere in WLCG: no sandbox gets one (T19). */
const ANY_AUDIENCE = 'https://wlcg.cern.ch/jwt/v1/any';
/** The part of a token's life after which a new one is asked for. */
const FRESH = 0.6;
/** What the login's token must have left when it is handed to the provider. */
const LEFT_MS = 60_000;
/** The contract's bound on what an agent is given. */
const LONGEST = 16_384;

export interface SandboxTokens {
  get(person: string, audience: string, scope: string): Promise<SandboxToken>;
  /** a login of theirs ended: what is kept came from it, perhaps */
  forget(person: string): void;
}
export interface SandboxTokenDeps {
  readonly party: RelyingParty;
  readonly oidc: Oidc;
  readonly sessions: Sessions;
  readonly logins: Logins;
  readonly clock: Clock;
  readonly log: Log;
}
interface Kept {
  readonly token: SandboxToken;
  readonly freshUntil: number;
}

export function sandboxTokens(deps: SandboxTokenDeps): SandboxTokens {
  const { sessions, logins, clock } = deps;
  const kept = new Map<string, Map<string, Kept>>();
  const asking = new Map<string, Promise<SandboxToken>>();

  const fetchNew = async (person: string, audience: string, scope: string): Promise<SandboxToken> => {
    for (const { id } of await sessions.ofPerson(person, clock())) {
      const got = await logins.withAccess(id, LEFT_MS, (session) =>
        exchanged(deps, session, audience, scope),
      );
      if (got === 'later') throw down(deps.oidc);
      if (got !== null) return got.value;
    }
    throw signInAgain(deps.oidc);
  };
  const fill = async (person: string, audience: string, scope: string): Promise<SandboxToken> => {
    const begun = clock();
    const token = await fetchNew(person, audience, scope);
    const ofPerson = kept.get(person) ?? new Map<string, Kept>();
    ofPerson.set(`${audience}\0${scope}`, { token, freshUntil: begun + FRESH * (token.expiresAt - begun) });
    kept.set(person, ofPerson);
    return token;
  };

  return {
    get: async (person, audience, scope) => {
      const known = kept.get(person)?.get(`${audience}\0${scope}`);
      if (known !== undefined && known.freshUntil > clock()) return known.token;
      const key = `${person}\0${audience}\0${scope}`;
      const begun = asking.get(key) ?? fill(person, audience, scope).finally(() => asking.delete(key));
      asking.set(key, begun);
      return begun;
    },
    forget: (person) => void kept.delete(person),
  };
}

async function exchanged(
  deps: SandboxTokenDeps,
  session: Session,
  audience: string,
  scope: string,
): Promise<SandboxToken> {
  const { party, oidc, clock, log } = deps;
  const configuration = await party.configuration();
  if (!offersExchange(configuration)) return broad(oidc, session);
  const asked = { subject_token: session.tokens.access, subject_token_type: ACCESS_TOKEN, audience, scope };
  const answer = await openid.genericGrantRequest(configuration, EXCHANGE, asked).catch((error: unknown) => {
    if (lacksExchange(error)) return null;
    const reason = reasonOf(error);
    log.warn({ reason, audience, scope }, 'a token for a sandbox was refused');
    throw reason === 'provider-down' ? down(oidc) : refused(oidc, audience, scope);
  });
  if (answer === null) return broad(oidc, session);
  const { access, accessUntil } = tokenSet(answer, scope, clock());
  if (!fits(access, audience)) throw tooBroad(oidc, audience);
  return { token: access, expiresAt: accessUntil };
}

/** The operator may allow the login's own token where the provider cannot narrow one. */
function broad(oidc: Oidc, session: Session): SandboxToken {
  if (oidc.broadSandboxTokens) return { token: session.tokens.access, expiresAt: session.tokens.accessUntil };
  const message = `${oidc.name} does not exchange tokens (RFC 8693), so this lesson cannot be given one of its own. The operator can switch exchange on there, or allow broad tokens here.`;
  throw new Problem('forbidden', message, { details: { reason: 'no-exchange' } });
}

function offersExchange(configuration: openid.Configuration): boolean {
  const grants = configuration.serverMetadata().grant_types_supported;
  return grants === undefined || grants.includes(EXCHANGE);
}

function lacksExchange(error: unknown): boolean {
  return (
    error instanceof openid.ResponseBodyError &&
    ['unsupported_grant_type', 'unauthorized_client'].includes(error.error)
  );
}

/** The provider must have done what it was asked: exactly these audiences, of a size a sandbox takes. */
function fits(token: string, audience: string): boolean {
  const claims = openClaims(token);
  if (token.length > LONGEST) return false;
  if (claims === null) return !token.includes('.'); // opaque: only the provider knows
  const asked = audience.split(' ').filter((one) => one !== '');
  const given = claims.aud ?? [];
  if (given.includes(ANY_AUDIENCE)) return false;
  return asked.every((one) => given.includes(one)) && given.every((one) => asked.includes(one));
}

function refused(oidc: Oidc, audience: string, scope: string): Problem {
  const message = `${oidc.name} gives you no token for "${audience}" with "${scope}". You may lack a group, or the operator has to allow this client more.`;
  return new Problem('forbidden', message, { details: { reason: 'exchange-refused' } });
}
function tooBroad(oidc: Oidc, audience: string): Problem {
  const message = `${oidc.name} answered with a token that is good for more than "${audience}", so it was not handed to your sandbox. Please tell the operator.`;
  return new Problem('forbidden', message, { details: { reason: 'wrong-audience' } });
}
function down(oidc: Oidc): Problem {
  const message = `${oidc.name} does not answer, so no new token can be had now. Your lab runs on; it is tried again.`;
  return new Problem('unavailable', message, { details: { reason: 'provider-down' } });
}
function signInAgain(oidc: Oidc): Problem {
  return new Problem(
    'sign-in-again',
    `${oidc.name} no longer renews your tokens. Sign in again; your lab runs on.`,
  );
}
