/** Who is here, from the code flow to a sandbox's token: the room's one maker, which wires its parts. */
import { hkdfSync } from 'node:crypto';
import * as openid from 'openid-client';
import type { Me } from '../../contract/api.ts';
import { Problem } from '../../contract/errors.ts';
import type { Store } from '../../store/index.ts';
import type { Log } from '../../telemetry/index.ts';
import { claimedPerson } from '../claims.ts';
import type { Identity, Person, SignedIn } from '../face.ts';
import { entitlementsOf, type GroupGrants } from '../groups.ts';
import type { Clock } from './clock.ts';
import { openFlows, stateOf, type Flow } from './flows.ts';
import { logins } from './logins.ts';
import { openPeople } from './people.ts';
import { sameText } from './random.ts';
import { REASONS, reasonOf, type Reason } from './reasons.ts';
import { relyingParty, type Oidc } from './relying-party.ts';
import { renewal } from './renewal.ts';
import { sandboxTokens } from './sandbox-tokens.ts';
import { openSessions, sessionId, type Session } from './sessions.ts';
import { tokenSet } from './token-set.ts';
import { turns } from './turns.ts';

export interface IdentityOptions {
  readonly store: Store;
  readonly oidc: Oidc;
  /** the client's secret; default: what `oidc.clientSecretEnv` names in the environment */
  readonly clientSecret?: string;
  /** `palestra.yaml`'s groups */
  readonly groups: GroupGrants;
  /** what browsers type, e.g. http://localhost:4747; the callback is /auth/callback of it */
  readonly url: string;
  /** 32 bytes from a 0600 file (`secretKeyAt`): seals tokens at rest */
  readonly secretKey: Buffer;
  readonly log: Log;
  readonly clock?: Clock;
  /** ms between looks at logins that end or must be renewed; 0: none (tests) */
  readonly sweepEvery?: number;
}
const SWEEP_MS = 30_000;
/** A cookie of ours has 43 characters; nothing longer is hashed. */
const COOKIE = /^[A-Za-z0-9_-]{43}$/;

/** @throws Error where the configuration names a secret that the environment lacks */
export function createIdentity(options: IdentityOptions): Identity {
  const { store, oidc, groups, log, clock = Date.now } = options;
  // of our own: the server's one secret has other uses elsewhere
  const secretKey = Buffer.from(
    hkdfSync('sha256', options.secretKey, '', 'palestra identity: tokens at rest', 32),
  );
  const party = relyingParty({ oidc, secret: secretOf(options), url: options.url, log });
  const people = openPeople(store.db);
  const flows = openFlows(store.db, secretKey, clock);
  const sessions = openSessions(store.db, secretKey);
  const order = turns();
  const renew = renewal({ party, oidc, sessions, people, clock, log });
  const live = logins({ sessions, renew, turns: order, clock });
  const tokens = sandboxTokens({ party, oidc, sessions, logins: live, clock, log });
  const forgetting = live.onEnded((_session, person) => tokens.forget(person));
  const sweeping = every(options.sweepEvery ?? SWEEP_MS, () => live.sweep(), log);
  const farewells = new Set<Promise<void>>();

  const signedInAs = (session: Session, person: Person): SignedIn => ({
    session: session.id,
    person,
    entitlements: entitlementsOf(person.groups, groups),
    until: session.until,
  });
  /** code → tokens, everything about the ID token checked (T15–T24) */
  const exchangeCode = async (callback: URL, flow: Flow) => {
    const configuration = await party.configuration();
    const current = new URL(`${party.redirect}${callback.search}`);
    const checks = {
      pkceCodeVerifier: flow.verifier,
      expectedState: flow.state,
      expectedNonce: flow.nonce,
      idTokenExpected: true,
    };
    const answer = await openid.authorizationCodeGrant(configuration, current, checks);
    return {
      claimed: claimedPerson(answer.claims(), oidc.groupsClaim),
      tokens: tokenSet(answer, oidc.scopes, clock()),
    };
  };
  const revoke = async (session: Session): Promise<void> => {
    const configuration = await party.configuration();
    const { refresh } = session.tokens;
    if (refresh === null || configuration.serverMetadata().revocation_endpoint === undefined) return;
    await openid.tokenRevocation(configuration, refresh, { token_type_hint: 'refresh_token' });
  };
  const revokeSoon = (session: Session): void => {
    const farewell = revoke(session).catch((error: unknown) => {
      log.info(
        { reason: error instanceof Problem ? 'provider-down' : reasonOf(error) },
        'a refresh token was not revoked at the provider',
      );
    });
    farewells.add(farewell);
    void farewell.then(() => farewells.delete(farewell));
  };

  return {
    begin: async (next) => {
      const configuration = await party.configuration();
      const flow = await flows.begin(next);
      const challenge = await openid.calculatePKCECodeChallenge(flow.verifier);
      const asked = {
        redirect_uri: party.redirect,
        scope: oidc.scopes,
        state: flow.state,
        nonce: flow.nonce,
      };
      const location = openid.buildAuthorizationUrl(configuration, {
        ...asked,
        code_challenge: challenge,
        code_challenge_method: 'S256',
      });
      return { location, flow: flow.cookie };
    },
    finish: async (callback, cookie) => {
      const flow = await takeFlow(callback, cookie, (c) => flows.take(c), log);
      const { claimed, tokens: given } = await exchangeCode(callback, flow).catch((error: unknown) =>
        refuse(error, log),
      );
      if (given.refresh === null)
        log.warn(
          'the provider gave no refresh token (is offline_access allowed for this client?): the login ends with its access token',
        );
      const person = await people.welcome(claimed, clock());
      const created = await sessions.create(person.id, claimed.subject, given, clock());
      log.info({ person: person.id, login: person.login }, 'signed in');
      return { cookie: created.cookie, next: flow.next, signedIn: signedInAs(created.session, person) };
    },
    signedIn: async (cookie) => {
      if (cookie === undefined || !COOKIE.test(cookie)) return null;
      const session = await live.live(sessionId(cookie));
      const person = session && (await people.find(session.person));
      return session && person ? signedInAs(session, person) : null;
    },
    me: meOf,
    signOut: async (cookie) => {
      const session = COOKIE.test(cookie) ? await live.end(sessionId(cookie)) : null;
      if (session === null) return;
      log.info({ person: session.person }, 'signed out');
      revokeSoon(session);
    },
    onSignedOut: (listener) => live.onEnded(listener),
    person: (id) => people.find(id),
    sandboxToken: (person, audience, scope) => tokens.get(person, audience, scope),
    close: async () => {
      sweeping[Symbol.dispose]();
      forgetting[Symbol.dispose]();
      await order.settled();
      await Promise.all(farewells);
    },
  };
}

export function meOf({ person, entitlements, until }: SignedIn): Me {
  const { id, login, name, email } = person;
  return { id, login, name, email, groups: [...person.groups], roles: [...entitlements.roles], until };
}

async function takeFlow(
  callback: URL,
  cookie: string | undefined,
  take: (cookie: string) => Promise<Flow | null>,
  log: Log,
): Promise<Flow> {
  if (cookie === undefined || !COOKIE.test(cookie)) throw notSignedIn('no-flow', log);
  const states = callback.searchParams.getAll('state');
  // compared before the flow is taken: a link from elsewhere cannot spend it
  if (states.length !== 1 || !sameText(states[0] ?? '', stateOf(cookie)))
    throw notSignedIn('wrong-state', log);
  const flow = await take(cookie);
  if (flow === null) throw notSignedIn('flow-used', log);
  return flow;
}

function refuse(error: unknown, log: Log): never {
  if (error instanceof Problem) throw error;
  throw notSignedIn(reasonOf(error), log);
}

function notSignedIn(reason: Reason, log: Log): Problem {
  log.warn({ reason }, 'a sign-in was refused');
  const code = reason === 'provider-down' ? 'unavailable' : 'not-signed-in';
  return new Problem(code, `${REASONS[reason]} Please sign in again.`, { details: { reason } });
}

function secretOf({ oidc, clientSecret }: IdentityOptions): string | undefined {
  if (clientSecret !== undefined || oidc.clientSecretEnv === undefined) return clientSecret;
  const secret = process.env[oidc.clientSecretEnv];
  if (secret === undefined || secret === '')
    throw new Error(`oidc.clientSecretEnv names ${oidc.clientSecretEnv}, which is not set`);
  return secret;
}

function every(ms: number, work: () => Promise<void>, log: Log): Disposable {
  if (ms === 0) return { [Symbol.dispose]: () => undefined };
  const timer = setInterval(
    () => void work().catch((error: unknown) => log.error({ err: error }, 'looking after logins failed')),
    ms,
  );
  timer.unref();
  return { [Symbol.dispose]: () => clearInterval(timer) };
}
