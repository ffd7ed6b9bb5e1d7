/**
 * What programs in a sandbox need to verify a service's certificates: the system's authorities and the services' in
 * one file, and a folder by subject hash for grid tools. Made once for each content; a sandbox gets links to it.
 */
import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { link, mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { Problem } from '../../../contract/errors.ts';
import type { Lending } from '../../driver.ts';

const SYSTEM = '/etc/ssl/certs/ca-certificates.crt';
const FOLDER = 'certificates';

export interface Trusted {
  /** file name in the sandbox's folder → file of the host that is linked there */
  readonly files: Readonly<Record<string, string>>;
  /** variable → file name in the sandbox's folder */
  readonly env: Readonly<Record<string, string>>;
}

/** @param cache a folder on the file system of the sandboxes' folders */
export async function trustOf(services: readonly Lending[], cache: string): Promise<Trusted> {
  const own = services.flatMap(({ name, ca }) => (ca === null ? [] : [{ name, ca }]));
  if (own.length === 0) return { files: {}, env: {} };
  const authorities = await Promise.all(own.map(async (one) => ({ ...one, pem: await authority(one) })));
  const system = await textOf(SYSTEM);
  const bundle = await keptFile(cache, [system, ...authorities.map(({ pem }) => pem)].join('\n'));
  const files: Record<string, string> = { 'bundle.pem': bundle };
  const hashed: Record<string, string> = {};
  for (const { name, pem } of authorities) {
    const file = await keptFile(cache, pem);
    files[`${name}.pem`] = file;
    const hash = await subjectHash(file);
    if (hash !== null) hashed[`${FOLDER}/${hash}.0`] = file;
  }
  const grid = Object.keys(hashed).length === 0 ? {} : { X509_CERT_DIR: FOLDER };
  const variables = ['SSL_CERT_FILE', 'REQUESTS_CA_BUNDLE', 'CURL_CA_BUNDLE'];
  const env = Object.fromEntries(variables.map((name) => [name, 'bundle.pem']));
  return { files: { ...files, ...hashed }, env: { ...env, ...grid } };
}

/** Puts (or takes away) what makes a folder hold exactly these files. */
export async function layTrust(folder: string, { files }: Trusted, before: readonly string[]): Promise<void> {
  const inFolder = Object.keys(files).some((name) => name.startsWith(`${FOLDER}/`));
  if (inFolder) await mkdir(join(folder, FOLDER), { recursive: true, mode: 0o755 });
  for (const name of before) if (!(name in files)) await rm(join(folder, name), { force: true });
  for (const [name, file] of Object.entries(files)) await linkAnew(file, join(folder, name));
}

/** Another link in the place of one that may be there: whoever reads sees the one or the other. */
export async function linkAnew(from: string, to: string): Promise<void> {
  const temporary = `${to}.new`;
  await rm(temporary, { force: true });
  await link(from, temporary);
  await rename(temporary, to);
  // renaming one link of a file over another of the same file does nothing, and leaves both
  await rm(temporary, { force: true });
}

async function authority({ name, ca }: { readonly name: string; readonly ca: string }): Promise<string> {
  try {
    return await readFile(ca, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    throw new Problem(
      'unavailable',
      `The service ${name} has no certificates yet. Press Start to try again.`,
      {
        cause: error,
      },
    );
  }
}

/** A file named by its content, whole or not at all. */
async function keptFile(cache: string, text: string): Promise<string> {
  const file = join(cache, `trust-${createHash('sha256').update(text).digest('hex').slice(0, 16)}.pem`);
  if ((await textOf(file)) === text) return file;
  const temporary = `${file}.${process.pid}`;
  await writeFile(temporary, text, { mode: 0o644 });
  await rename(temporary, file);
  return file;
}

const hashes = new Map<string, string>();
/** As OpenSSL's libraries look certificates up; null where there is no openssl to ask. */
async function subjectHash(file: string): Promise<string | null> {
  const known = hashes.get(file);
  if (known !== undefined) return known;
  try {
    const { stdout } = await promisify(execFile)('openssl', ['x509', '-noout', '-subject_hash', '-in', file]);
    const hash = stdout.trim();
    if (!/^[0-9a-f]{8}$/.test(hash)) return null;
    hashes.set(file, hash);
    return hash;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw new Problem('unavailable', 'The certificate of a service cannot be read. Tell the operator.', {
      cause: error,
    });
  }
}

async function textOf(file: string): Promise<string> {
  return readFile(file, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return '';
    throw error;
  });
}
