/**
 * `postgres://user:password@host:port/database?…` as what the client is told, and as words without the password.
 * Every setting stands in the one address, so that a secret store needs to hold one thing.
 */
import { readFileSync } from 'node:fs';
import type { PoolConfig } from 'pg';
import { Problem } from '../../contract/errors.ts';

export interface Address {
  readonly config: PoolConfig;
  /** for messages and logs: no password, no parameters */
  readonly spoken: string;
}

/** connections of one server: a class of 28 keeps three busy; PostgreSQL's default bound is 100 for all */
const POOL = 10;
/** ms; the longest of ours takes some ms, so this one hangs */
const STATEMENT_MS = 15_000;
/** ms for one try to connect */
const CONNECT_MS = 5_000;

const KNOWN =
  'host, sslmode, sslrootcert, sslcert, sslkey, application_name, connect_timeout, statement_timeout, pool';
const SSL_MODES = ['disable', 'require', 'verify-ca', 'verify-full'] as const;

/** @throws Problem `bad-request` that says what is wrong, and never the address itself */
export function postgresAddress(text: string): Address {
  // the host may be left to `host=`, a socket's folder; a URL with a user and without a host is none
  const url = URL.parse(text.replace(/@\//, '@_/'));
  if (url === null)
    throw wrong(
      'it does not read postgres://user:password@host:port/database (special characters of a password are written as %40 and so on)',
    );
  const asked = url.searchParams;
  const unknown = [...asked.keys()].find((name) => !KNOWN.split(', ').includes(name));
  if (unknown !== undefined) throw wrong(`it has the parameter '${unknown}'; known are ${KNOWN}`);
  const host =
    asked.get('host') ?? (url.hostname === '_' ? '' : decoded(url.hostname.replace(/^\[(.+)\]$/, '$1')));
  const database = decoded(url.pathname.slice(1));
  if (host === '' || database === '') throw wrong('it names no host or no database');
  const port = url.port === '' ? 5432 : Number(url.port);
  const user = decoded(url.username);
  return {
    config: {
      host,
      port,
      database,
      ...(user === '' ? {} : { user }),
      ...(url.password === '' ? {} : { password: decoded(url.password) }),
      ssl: tls(asked, host),
      application_name: asked.get('application_name') ?? 'palestra',
      connectionTimeoutMillis: numberIn(asked, 'connect_timeout', CONNECT_MS / 1000) * 1000,
      statement_timeout: numberIn(asked, 'statement_timeout', STATEMENT_MS),
      max: numberIn(asked, 'pool', POOL),
      // a proxy or firewall that forgets silent connections must not leave us with dead ones
      keepAlive: true,
    },
    spoken: `postgres://${user === '' ? '' : `${user}@`}${host}:${String(port)}/${database}`,
  };
}

/** As libpq reads them, without its `prefer`: an attacker would only have to say no. */
function tls(asked: URLSearchParams, host: string): PoolConfig['ssl'] {
  const mode = SSL_MODES.find((one) => one === (asked.get('sslmode') ?? 'disable'));
  if (mode === undefined) throw wrong(`sslmode is one of ${SSL_MODES.join(', ')}`);
  if (mode === 'disable') return false;
  const file = (name: string): string | undefined => readIn(asked, name);
  const [ca, cert, key] = [file('sslrootcert'), file('sslcert'), file('sslkey')];
  return {
    rejectUnauthorized: mode !== 'require' || ca !== undefined,
    ...(ca === undefined ? {} : { ca }),
    ...(cert === undefined ? {} : { cert }),
    ...(key === undefined ? {} : { key }),
    // the name is what verify-full adds
    ...(mode === 'verify-full' ? { servername: host } : { checkServerIdentity: () => undefined }),
  };
}

function readIn(asked: URLSearchParams, name: string): string | undefined {
  const file = asked.get(name);
  if (file === null) return undefined;
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    throw wrong(`${name} names ${file}, which cannot be read`, error);
  }
}

function numberIn(asked: URLSearchParams, name: string, otherwise: number): number {
  const text = asked.get(name);
  if (text === null) return otherwise;
  const value = Number(text);
  if (!Number.isInteger(value) || value < 1) throw wrong(`${name} is a whole number above 0`);
  return value;
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch (error) {
    if (error instanceof URIError) throw wrong('a % in it is not followed by two hexadecimal digits');
    throw error;
  }
}

function wrong(what: string, cause?: unknown): Problem {
  return new Problem('bad-request', `The database's address cannot be used: ${what}.`, { cause });
}
