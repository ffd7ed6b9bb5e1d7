/**
 * What programs in a sandbox need to verify a service's certificates: the system's authorities and the services' in
 * one file, and a folder by subject hash for grid tools. Made here; each driver lays it in its own way.
 */
import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { promisify } from 'node:util';
import { Problem } from '../contract/errors.ts';
import type { Lending } from './driver.ts';

const SYSTEM = '/etc/ssl/certs/ca-certificates.crt';
export const HASHED = 'certificates';

export interface Trusted {
  /** file name in the sandbox's folder of services → content, PEM */
  readonly files: Readonly<Record<string, string>>;
  /** variable → file or folder in that folder */
  readonly env: Readonly<Record<string, string>>;
}

/** Problem `unavailable` where a service's authority is not there (yet). */
export async function trustOf(services: readonly Lending[]): Promise<Trusted> {
  const own = services.flatMap(({ name, ca }) => (ca === null ? [] : [{ name, ca }]));
  if (own.length === 0) return { files: {}, env: {} };
  const authorities = await Promise.all(own.map(async (one) => ({ ...one, pem: await authority(one) })));
  const files: Record<string, string> = {
    'bundle.pem': [await system(), ...authorities.map(({ pem }) => pem)].join('\n'),
  };
  for (const { name, pem } of authorities) {
    files[`${name}.pem`] = pem;
    const hash = await subjectHash(pem);
    if (hash !== null) files[`${HASHED}/${hash}.0`] = pem;
  }
  const hashed = Object.keys(files).some((name) => name.startsWith(`${HASHED}/`));
  const variables = ['SSL_CERT_FILE', 'REQUESTS_CA_BUNDLE', 'CURL_CA_BUNDLE'];
  const env = Object.fromEntries(variables.map((name) => [name, 'bundle.pem']));
  return { files, env: { ...env, ...(hashed ? { X509_CERT_DIR: HASHED } : {}) } };
}

async function authority({ name, ca }: { readonly name: string; readonly ca: string }): Promise<string> {
  try {
    return await readFile(ca, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    throw new Problem(
      'unavailable',
      `The service ${name} has no certificates yet. Press Start to try again.`,
      { cause: error },
    );
  }
}

async function system(): Promise<string> {
  return readFile(SYSTEM, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return '';
    throw error;
  });
}

const hashes = new Map<string, string>();
/** As OpenSSL's libraries look certificates up; null where there is no openssl to ask. */
async function subjectHash(pem: string): Promise<string | null> {
  const content = createHash('sha256').update(pem).digest('hex');
  const known = hashes.get(content);
  if (known !== undefined) return known;
  try {
    const asking = promisify(execFile)('openssl', ['x509', '-noout', '-subject_hash']);
    asking.child.stdin?.end(pem);
    const hash = (await asking).stdout.trim();
    if (!/^[0-9a-f]{8}$/.test(hash)) return null;
    hashes.set(content, hash);
    return hash;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw new Problem('unavailable', 'The certificate of a service cannot be read. Tell the operator.', {
      cause: error,
    });
  }
}
