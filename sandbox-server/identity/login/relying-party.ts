/** This server as a client of the identity provider: discovery, once it answers, and what every request shares. */
import * as openid from 'openid-client';
import type { Configuration } from 'openid-client';
import type { OidcConfig } from '../../contract/config.ts';
import type { z } from 'zod';
import { Problem } from '../../contract/errors.ts';
import type { Log } from '../../telemetry/index.ts';
import { withoutSlash } from '../person-id.ts';
import { reasonOf } from './reasons.ts';

export type Oidc = z.infer<typeof OidcConfig>;

/** Seconds a clock may be off; a token is refused beyond it (T20). */
const CLOCK_TOLERANCE = 60;
const TIMEOUT_SECONDS = 10;
/** A provider that just failed is not asked again for this long, however many people press the button. */
const QUIET_MS = 2000;

export interface RelyingParty {
  readonly redirect: string;
  /** @throws Problem `unavailable` while the provider cannot be reached or says that it is another */
  configuration(): Promise<Configuration>;
}

/**
 * @param url what browsers type: the origin of the callback
 * @param secret of a confidential client; undefined: PKCE alone
 * @throws Error where the issuer would be asked in the clear beyond this machine
 */
export function relyingParty(options: {
  oidc: Oidc;
  secret: string | undefined;
  url: string;
  log: Log;
}): RelyingParty {
  const { oidc, log } = options;
  if (!isSafe(new URL(oidc.issuer)))
    throw new Error(
      `oidc.issuer is ${oidc.issuer}: an identity provider beyond this machine must be asked over https`,
    );
  const redirect = new URL('/auth/callback', options.url).href;
  let found: Promise<Configuration> | undefined;
  let quietUntil = 0;

  const attempt = async (): Promise<Configuration> => {
    if (Date.now() < quietUntil) throw unreachable(oidc);
    try {
      return checked(await discover(oidc, options.secret, redirect), oidc);
    } catch (error) {
      quietUntil = Date.now() + QUIET_MS;
      if (error instanceof Problem) throw error;
      log.warn(
        { reason: reasonOf(error), issuer: oidc.issuer },
        'the identity provider cannot be discovered',
      );
      throw unreachable(oidc);
    }
  };
  const forget = (error: unknown): never => {
    found = undefined;
    throw error;
  };
  return { redirect, configuration: () => (found ??= attempt().catch(forget)) };
}

function discover(oidc: Oidc, secret: string | undefined, redirect: string): Promise<Configuration> {
  // by its document and not by its issuer: IAM's document says a slash more than its operator does
  const document = new URL(`${withoutSlash(oidc.issuer)}/.well-known/openid-configuration`);
  const execute = [
    openid.enableNonRepudiationChecks,
    ...(isLoopback(document) ? [openid.allowInsecureRequests] : []),
  ];
  const metadata = { redirect_uris: [redirect], [openid.clockTolerance]: CLOCK_TOLERANCE };
  // posted, not Basic: RFC 6749 has the parts of a Basic header encoded, and IAM compares secrets with - or _ undecoded
  const auth = secret === undefined ? openid.None() : openid.ClientSecretPost(secret);
  return openid.discovery(document, oidc.clientId, metadata, auth, { execute, timeout: TIMEOUT_SECONDS });
}

function checked(configuration: Configuration, oidc: Oidc): Configuration {
  const { issuer } = configuration.serverMetadata();
  if (withoutSlash(issuer) === withoutSlash(oidc.issuer)) return configuration;
  throw new Problem(
    'unavailable',
    `The identity provider at ${oidc.issuer} calls itself by another name: the operator must set its issuer as it says it.`,
    {
      details: { reason: 'wrong-issuer' },
    },
  );
}

function unreachable(oidc: Oidc): Problem {
  return new Problem(
    'unavailable',
    `${oidc.name} does not answer, so nobody can sign in now. Try again in a minute; whoever is signed in stays so.`,
    {
      details: { reason: 'provider-down', retryAfter: 5 },
    },
  );
}

function isSafe(url: URL): boolean {
  return url.protocol === 'https:' || isLoopback(url);
}

/** Plain http never leaves the machine. */
function isLoopback(url: URL): boolean {
  return url.protocol === 'http:' && ['localhost', '127.0.0.1', '[::1]'].includes(url.hostname);
}
