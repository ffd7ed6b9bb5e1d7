/**
 * The development identity provider: an oidc-provider shaped like INDIGO IAM, under a path of the portal's own origin.
 * For one machine and for tests: there are no passwords.
 *
 * A script signs in over plain HTTP with a cookie jar: follow the redirect to `…/interaction/<uid>`, POST there a form
 * with one of `persona=ada|enrico|emmy`, or `username=st07` (and `name=…`, optional), and follow the redirects on.
 */
import { closeSync, openSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { Provider } from 'oidc-provider';
import { OidcConfig } from '../../contract/config.ts';
import type { Log } from '../../telemetry/index.ts';
import type { Oidc } from '../login/relying-party.ts';
import { withoutSlash } from '../person-id.ts';
import { secretKeyAt } from '../secret-key.ts';
import { wrapAccessTokens } from './access-tokens.ts';
import type { SandboxToken } from '../face.ts';
import { EXCHANGE } from '../exchange-grant.ts';
import { openAccounts, Registration } from './accounts.ts';
import { clientsFor, PORTAL, secretsAt, type Client, type Profile } from './clients.ts';
import { configurationOf, LIFETIMES, type Lifetimes } from './configuration.ts';
import { interactions } from './interactions.ts';
import { signingKeyAt } from './keys.ts';
import { openObjects } from './objects.ts';
import { registerOwnName } from './own-name.ts';
import { route, unwrapped, type Routed } from './requests.ts';
import type { SecondName } from './second-name.ts';
import { allowedScope, registerExchange, type ExchangeParts } from './token-exchange.ts';

export interface ProviderOptions {
  /** e.g. http://localhost:4747/idp; its path is the prefix */
  readonly issuer: string;
  /** what browsers type for the portal: its /auth/callback is registered */
  readonly portal: string;
  /** keys, secrets and registrations are kept here, 0600 */
  readonly folder: string;
  readonly log: Log;
  /** what the portal's tokens look like; `wlcg` makes the tokens of sandboxes WLCG's */
  readonly profile?: Profile;
  /** as IAM: discovery and ID tokens say the issuer with a slash, access tokens as configured */
  readonly trailingSlash?: boolean;
  readonly lifetimes?: Partial<Lifetimes>;
  /** more programs, or others with the same id */
  readonly clients?: readonly Client[];
  /** services of this machine whose tokens carry another name of the same provider */
  readonly second?: SecondName;
  /**
   * Whether people sign in here; default: they do. Where sandboxes reach it they must not: there are no passwords,
   * so whoever reaches the sign-in page may be anybody.
   */
  readonly signIn?: boolean;
}
export interface DevelopmentProvider {
  readonly issuer: string;
  /** how the portal's server is its client: for `createIdentity` */
  readonly oidc: Oidc;
  readonly clientSecret: string;
  /**
   * What the portal would get by exchange for somebody who signed in under this user name, registered where they are
   * not: for proofs of lessons, which no person signs in to. The same rules hold. Throws an OAuth error where they forbid it.
   */
  tokenFor(username: string, audience: string, scope: string): Promise<SandboxToken & { subject: string }>;
  /** answers a request to the issuer's path, whether or not its prefix was taken away */
  callback(req: IncomingMessage, res: ServerResponse): Promise<void>;
  close(): Promise<void>;
}

/** Makes what is missing of a provider's keys and secrets; the same each time. */
export async function prepareProvider(folder: string) {
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const [key, cookieKey, secrets] = await Promise.all([
    signingKeyAt(join(folder, 'keys.json')),
    secretKeyAt(join(folder, 'cookies.key')),
    prepareSecrets(folder),
  ]);
  return { key, cookieKey, secrets };
}

/** Secrets of its clients by their ids, without its keys: for who may not see those. */
export function prepareSecrets(folder: string): Promise<Readonly<Record<string, string>>> {
  return secretsAt(join(folder, 'clients.json'));
}

export async function createProvider(options: ProviderOptions): Promise<DevelopmentProvider> {
  const { folder, log, second, profile = 'wlcg', signIn = true } = options;
  const configured = withoutSlash(options.issuer);
  const prefix = withoutSlash(new URL(configured).pathname);
  const { key, cookieKey, secrets } = await prepareProvider(folder);
  const clients = registered(
    { redirect: new URL('/auth/callback', options.portal).href, profile },
    secrets,
    options.clients ?? [],
  );
  const database = openDatabase(join(folder, 'idp.db'));
  const accounts = openAccounts(database);
  const issuer = options.trailingSlash === true ? `${configured}/` : configured;
  const provider = new Provider(
    issuer,
    configurationOf({
      issuer,
      adapter: openObjects(database),
      accounts,
      clients,
      key,
      cookieKey: cookieKey.toString('base64'),
      lifetimes: { ...LIFETIMES, ...options.lifetimes },
    }),
  );
  provider.on('server_error', (_ctx, error) =>
    log.error({ error: error.name }, `the development provider failed: ${error.message}`),
  );
  const tokens = wrapAccessTokens(provider, key, configured, clients, second);
  registerExchange({ provider, tokens, clients, accounts, second });
  registerOwnName(provider, second);
  const steps = interactions(provider, accounts);
  const answer = provider.callback();

  return {
    issuer,
    oidc: OidcConfig.parse({
      issuer: configured,
      clientId: PORTAL,
      scopes: (clients.find((c) => c.id === PORTAL)?.scopes ?? []).join(' '),
      groupsClaim: profile === 'wlcg' ? 'wlcg.groups' : 'groups',
      name: 'Development sign-in',
    }),
    clientSecret: secrets[PORTAL] ?? '',
    tokenFor: (username, audience, scope) =>
      tokenFor({ provider, clients, accounts, second }, username, audience, scope),
    async callback(req: Routed, res) {
      route(req, prefix);
      if (!signIn && isForPeople(req.url ?? '')) return notHere(res);
      const uid = /^\/interaction\/([\w-]{1,64})$/.exec(req.url ?? '')?.[1];
      if (uid !== undefined) await steps.handle(req, res, uid);
      else await answer(await unwrapped(req, tokens), res);
    },
    close: () => {
      database.close();
      return Promise.resolve();
    },
  };
}

async function tokenFor(
  parts: Pick<ExchangeParts, 'provider' | 'clients' | 'accounts' | 'second'>,
  username: string,
  audience: string,
  scope: string,
): Promise<SandboxToken & { subject: string }> {
  const { provider, clients, accounts } = parts;
  const account = accounts.register(Registration.parse({ username }));
  const portal = clients.find((client) => client.id === PORTAL);
  const client = await provider.Client.find(PORTAL);
  if (account === null || portal === undefined || client === undefined)
    throw new TypeError(`no token can be made for ${username}`);
  const grant = new provider.Grant({ accountId: account.sub, clientId: client.clientId });
  const token = new provider.AccessToken({
    client,
    accountId: account.sub,
    grantId: await grant.save(),
    gty: EXCHANGE,
    aud: audience,
    scope: allowedScope(parts, portal, account.sub, { audience, scope }),
  });
  const value = await token.save();
  return { token: value, expiresAt: Date.now() + token.expiration * 1000, subject: account.sub };
}

/** Pages and codes by which somebody becomes somebody. */
const FOR_PEOPLE = /^\/(authorize|interaction|device|devicecode)(?=[/?]|$)/;
function isForPeople(url: string): boolean {
  return FOR_PEOPLE.test(url);
}
function notHere(res: ServerResponse): void {
  const body = JSON.stringify({ error: 'not_found', error_description: 'nobody signs in under this name' });
  res.writeHead(404, { 'content-type': 'application/json' }).end(body);
}

function registered(
  portal: { redirect: string; profile: Profile },
  secrets: Readonly<Record<string, string>>,
  more: readonly Client[],
): readonly Client[] {
  const own = clientsFor(portal, secrets).filter((client) => !more.some((m) => m.id === client.id));
  return [...own, ...more];
}

/** A second process may be writing: the portal's provider and the lake's issuer share one file. */
const BUSY_MS = 10_000;

/** Refresh tokens lie in it: for this user alone, its WAL too (SQLite copies mode and, of root, owner). */
function openDatabase(file: string): Database.Database {
  closeSync(openSync(file, 'a', 0o600));
  const database = new Database(file, { timeout: BUSY_MS });
  database.pragma('journal_mode = WAL');
  return database;
}
