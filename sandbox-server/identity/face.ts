/** What other rooms ask of identity. A person is known by hash(iss, sub): never by e-mail or name. */
import type { Role, Me } from '../contract/api.ts';
import type { Raised } from '../contract/namespace.ts';

export interface Person {
  readonly id: string;
  readonly login: string;
  readonly name: string;
  readonly email: string | null;
  readonly groups: readonly string[];
  /** the provider's own word for them, `sub`: what services know them by. Never shown */
  readonly subject?: string;
}
/** What groups grant, from `palestra.yaml` (entitlements): exact match on the full group path, slashes normalised once. */
export interface Entitlements {
  readonly roles: readonly Role[];
  mayTake(courseGroups: readonly string[]): boolean;
  /** sandboxes at a time */
  readonly labs: number;
  readonly grants: Grants;
}
/** What groups grant of kits, tokens and the cluster: everything adds up, nothing is taken away by a group. */
export interface Grants {
  /** null: every kit */
  readonly kits: readonly string[] | null;
  /** audiences of tokens in a sandbox; null: whatever lessons ask for */
  readonly tokens: readonly string[] | null;
  /** names of sizes, in the order groups name them */
  readonly sizes: readonly string[];
  /** figures beyond a size's own */
  readonly quota: Raised;
  readonly gpu: number;
  readonly sites: readonly string[];
}
export interface SignedIn {
  readonly session: string;
  readonly person: Person;
  readonly entitlements: Entitlements;
  /** ms since the epoch */
  readonly until: number;
}
/** For the issuer as access tokens say it: without a slash at its end (finding 12). */
export interface ClusterDiscovery {
  readonly issuer: string;
  readonly jwks_uri: string;
  readonly id_token_signing_alg_values_supported: readonly string[];
}
export interface SandboxToken {
  readonly token: string;
  readonly expiresAt: number;
}

export interface Identity {
  /** @param next a local path, already vetted. @returns where to send the browser, and the value of the short flow cookie */
  begin(next: string): Promise<{ location: URL; flow: string }>;
  /** @returns the new session's cookie value and where to go. Throws Problem `not-signed-in` with a named reason. */
  finish(
    callback: URL,
    flow: string | undefined,
  ): Promise<{ cookie: string; next: string; signedIn: SignedIn }>;
  /** @param cookie the value of `__Host-palestra`; undefined or unknown → null */
  signedIn(cookie: string | undefined): Promise<SignedIn | null>;
  /** by `SignedIn.session`, for a server that another asks; null: that login is over */
  known(session: string): Promise<SignedIn | null>;
  me(signedIn: SignedIn): Me;
  /** forget the session; listeners of `onSignedOut` are told within a second */
  signOut(cookie: string): Promise<void>;
  onSignedOut(listener: (session: string, person: string) => void): Disposable;
  /** by user id, for a lab started on behalf of somebody */
  person(id: string): Promise<Person | null>;
  /**
   * A short WLCG-profile token for just this audience and scope, by RFC 8693 exchange from the person's newest login.
   * Throws Problem `sign-in-again` where the provider no longer renews.
   */
  sandboxToken(person: string, audience: string, scope: string): Promise<SandboxToken>;
  /** the provider's discovery document as an API server of Kubernetes takes it. Throws Problem `unavailable` while the provider does not answer */
  clusterDiscovery(): Promise<ClusterDiscovery>;
  close(): Promise<void>;
}
