/** Who is here, from the code flow to a sandbox's token: the room's one maker, which wires its parts. */
import { hkdfSync } from 'node:crypto';
import { z } from 'zod';
import type { Me } from '../../contract/api.ts';
import type { Replicas } from '../../replicas/face.ts';
import { alone } from '../../replicas/index.ts';
import type { Store } from '../../store/index.ts';
import type { Log } from '../../telemetry/index.ts';
import { clusterDiscovery } from '../cluster-discovery.ts';
import type { Identity, Person, SignedIn } from '../face.ts';
import { entitlementsOf, type GroupGrants } from '../groups.ts';
import { withoutSlash } from '../person-id.ts';
import type { Clock } from './clock.ts';
import { codeFlow } from './code-flow.ts';
import { farewells } from './farewell.ts';
import { openFlows } from './flows.ts';
import { logins, type Others } from './logins.ts';
import { openPeople } from './people.ts';
import { isCookie } from './random.ts';
import { relyingParty, type Oidc } from './relying-party.ts';
import { renewal } from './renewal.ts';
import { rounds } from './rounds.ts';
import { sandboxTokens } from './sandbox-tokens.ts';
import { openSessions, sessionId, type Session } from './sessions.ts';
import type { TokenSet } from './token-set.ts';
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
  /** the servers beside this one; default: none */
  readonly replicas?: Replicas;
}
const SWEEP_MS = 30_000;

/** @throws Error where the configuration names a secret that the environment lacks, or a provider asked in the clear */
export function createIdentity(options: IdentityOptions): Identity {
  const { store, oidc, groups, log, clock = Date.now, replicas = alone() } = options;
  const secretKey = keyAtRest(options.secretKey);
  const party = relyingParty({ oidc, secret: secretOf(options), url: options.url, log });
  const people = openPeople(store.db);
  const sessions = openSessions(store.db, secretKey);
  const flow = codeFlow({ party, oidc, flows: openFlows(store.db, secretKey, clock), clock, log });
  const order = turns((key, work) => store.alone(`login/${key}`, work));
  const renew = renewal({ party, oidc, sessions, people, clock, log });
  const live = logins({ sessions, renew, turns: order, clock, others: endingsOf(replicas) });
  const tokens = sandboxTokens({ party, oidc, sessions, logins: live, clock, log });
  const goodbye = farewells(party, log);
  const forgetting = live.onEnded((_session, person) => tokens.forget(person));
  const sweeping = rounds(options.sweepEvery ?? SWEEP_MS, () => live.sweep(), log);
  const as = (session: Session, person: Person) => signedInAs(session, person, groups);

  const signedInBy = async (id: string): Promise<SignedIn | null> => {
    const session = await live.live(id);
    const person = session && (await people.find(session.person));
    return session && person ? as(session, person) : null;
  };

  return {
    begin: (next) => flow.begin(next),
    finish: async (callback, flowCookie) => {
      const { claimed, tokens: given, next } = await flow.finish(callback, flowCookie);
      warnWithoutRefresh(given, log);
      const person = await people.welcome(claimed, clock());
      const { cookie, session } = await sessions.create(person.id, claimed.subject, given, clock());
      log.info({ person: person.id, login: person.login }, 'signed in');
      return { cookie, next, signedIn: as(session, person) };
    },
    signedIn: async (cookie) => (isCookie(cookie) ? signedInBy(sessionId(cookie)) : null),
    known: (session) => signedInBy(session),
    me: meOf,
    signOut: async (cookie) => {
      const session = isCookie(cookie) ? await live.end(sessionId(cookie)) : null;
      if (session === null) return;
      log.info({ person: session.person }, 'signed out');
      goodbye.say(session);
    },
    onSignedOut: (listener) => live.onEnded(listener),
    person: (id) => people.find(id),
    sandboxToken: (person, audience, scope) => tokens.get(person, audience, scope),
    clusterDiscovery: async () => {
      const document = (await party.configuration()).serverMetadata();
      return clusterDiscovery(document, withoutSlash(document.issuer));
    },
    close: async () => {
      forgetting[Symbol.dispose]();
      live.close();
      await sweeping.close();
      await order.settled();
      await goodbye.settled();
    },
  };
}

/** What ended at one server has ended at all: sockets there close as well (T10). */
function endingsOf(replicas: Replicas): Others {
  const topic = 'identity/ended';
  return {
    tell: (session, person) => {
      replicas.tell(topic, { session, person });
    },
    hear: (listener) =>
      replicas.hear(topic, (body) => {
        const { session, person } = Ended.parse(body);
        listener(session, person);
      }),
  };
}
const Ended = z.object({ session: z.string(), person: z.string() });

function signedInAs(session: Session, person: Person, groups: GroupGrants): SignedIn {
  const entitlements = entitlementsOf(person.groups, groups);
  return { session: session.id, person, entitlements, until: session.until };
}

function meOf({ person, entitlements, until }: SignedIn): Me {
  const { id, login, name, email } = person;
  return { id, login, name, email, groups: [...person.groups], roles: [...entitlements.roles], until };
}

function warnWithoutRefresh({ refresh }: TokenSet, log: Log): void {
  if (refresh !== null) return;
  const question = 'is offline_access allowed for this client?';
  log.warn(`the provider gave no refresh token (${question}): the login ends with its access token`);
}

/** A key of our own: the server's one secret has other uses elsewhere. */
function keyAtRest(secret: Buffer): Buffer {
  return Buffer.from(hkdfSync('sha256', secret, '', 'palestra identity: tokens at rest', 32));
}

function secretOf({ oidc, clientSecret }: IdentityOptions): string | undefined {
  if (clientSecret !== undefined || oidc.clientSecretEnv === undefined) return clientSecret;
  const secret = process.env[oidc.clientSecretEnv];
  if (secret === undefined || secret === '')
    throw new Error(`oidc.clientSecretEnv names ${oidc.clientSecretEnv}, which is not set`);
  return secret;
}
