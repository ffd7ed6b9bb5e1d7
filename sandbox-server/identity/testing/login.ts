/** An identity against the hostile provider, and one login through it. */
import { Writable } from 'node:stream';
import type { Store } from '../../store/index.ts';
import { testStore } from '../../store/testing/store.ts';
import { createLog } from '../../telemetry/index.ts';
import type { JWTPayload } from 'jose';
import type { Identity, SignedIn } from '../face.ts';
import { createIdentity, type IdentityOptions } from '../login/identity.ts';
import { OidcConfig } from '../../contract/config.ts';
import { CLIENT, startHostile, type Answer, type Hostile } from './hostile-provider.ts';
import { GROUPS } from './portal.ts';

const PORTAL = 'http://localhost:4747';

export interface Trial {
  readonly hostile: Hostile;
  readonly store: Store;
  readonly identity: Identity;
  /** everything logged so far */
  logged(): string;
  /** ms; moves only when told */
  readonly clock: { now: number };
  /** a second identity on the same store, as after a restart */
  again(options?: Partial<IdentityOptions>): Identity;
  close(): Promise<void>;
}

export async function startTrial(
  options: { oidc?: Partial<IdentityOptions['oidc']>; path?: string; store?: Store } = {},
): Promise<Trial> {
  const hostile = await startHostile(options.path);
  const store = options.store ?? (await testStore());
  const clock = { now: Date.now() };
  let logged = '';
  const to = new Writable({
    write(chunk: Buffer, _encoding, done) {
      logged += chunk.toString('utf8');
      done();
    },
  });
  const log = createLog({ level: 'trace', to });
  const oidc = OidcConfig.parse({ issuer: hostile.issuer, clientId: CLIENT, ...options.oidc });
  const made: Identity[] = [];
  const again = (more: Partial<IdentityOptions> = {}): Identity => {
    const identity = createIdentity({
      store,
      oidc,
      clientSecret: 'portal-secret',
      groups: GROUPS,
      url: PORTAL,
      secretKey: Buffer.alloc(32, 9),
      log,
      clock: () => clock.now,
      sweepEvery: 0,
      ...more,
    });
    made.push(identity);
    return identity;
  };
  const identity = again();
  return {
    hostile,
    store,
    identity,
    clock,
    again,
    logged: () => logged,
    close: async () => {
      await Promise.all(made.map((identity) => identity.close()));
      await hostile.close();
      await store.close();
    },
  };
}

/** An answer of the token endpoint around an ID token. */
export function tokens(idToken: string | undefined, more: Record<string, unknown> = {}): Answer {
  const body = {
    access_token: 'access-1',
    token_type: 'Bearer',
    expires_in: 3600,
    refresh_token: 'refresh-1',
    scope: 'openid profile email offline_access',
    ...more,
  };
  return { body: idToken === undefined ? body : { ...body, id_token: idToken } };
}

export interface Begun {
  readonly flow: string;
  readonly nonce: string;
  readonly state: string;
  readonly location: URL;
}
export async function begin(identity: Identity, next = '/courses/'): Promise<Begun> {
  const { location, flow } = await identity.begin(next);
  const parameter = (name: string) => location.searchParams.get(name) ?? '';
  return { flow, location, nonce: parameter('nonce'), state: parameter('state') };
}
export function callback(state: string, more: Record<string, string> = {}): URL {
  return new URL(
    `${PORTAL}/auth/callback?${new URLSearchParams({ code: 'code-1', state, ...more }).toString()}`,
  );
}

/** Signs in with these claims in an otherwise right ID token. */
export async function login(
  trial: Trial,
  claims: JWTPayload = {},
  answer: Record<string, unknown> = {},
): Promise<{ cookie: string; signedIn: SignedIn; next: string }> {
  const begun = await begin(trial.identity);
  trial.hostile.onToken = async () =>
    tokens(await trial.hostile.idToken({ nonce: begun.nonce, ...claims }), answer);
  return trial.identity.finish(callback(begun.state), begun.flow);
}
