/**
 * The lake's own certificate authority: made once, looked at at each start, renewed before it ends.
 * Its folder is passable for everybody, since servers of several users read certificates there; its keys are not.
 */
import { createPrivateKey, type X509Certificate } from 'node:crypto';
import { chmod, mkdir, readFile, readdir, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { isFor, isFresh, readCertificate, type Lifetime } from '../../machine/certificate.ts';
import { inWorkshop, newKey, openssl, serial } from '../../machine/openssl.ts';
import { ownFile } from '../part.ts';
import type { Certificate, LakePlace, User } from '../place.ts';
import { AUTHORITY_LIFE, HOST_LIFE, authorityConfiguration, domainOf, hostConfiguration } from './request.ts';

const SYSTEM_CERTIFICATES = '/etc/ssl/certs/ca-certificates.crt';

export interface Wanted {
  readonly cert: string;
  readonly key: string;
  readonly host: string;
  /** whose server reads the key */
  readonly user: User;
}

/** Makes what is missing or ends soon; @returns the hosts whose certificate is a new one */
export async function ensureAuthority(place: LakePlace, now = Date.now()): Promise<readonly string[]> {
  const { authority } = place;
  await mkdir(place.folders.authority, { recursive: true, mode: 0o711 });
  await readableFolder(authority.folder);
  await ensureRoot(place, now);
  const wanted = Object.values(authority.certificates).map((one) => wantedOf(place, one));
  const made = await Promise.all(wanted.map((one) => ensureCertificate(place, one, now)));
  await writePublic(place);
  return wanted.filter((_, i) => made[i]).map((one) => one.host);
}

function wantedOf(place: LakePlace, { cert, key, host, owner }: Certificate): Wanted {
  return { cert, key, host, user: place.users[owner] };
}

/** One host's certificate and key, unless those there are good. @returns whether they were made */
export async function ensureCertificate(
  place: LakePlace,
  wanted: Wanted,
  now = Date.now(),
): Promise<boolean> {
  const root = await readCertificate(place.authority.ca);
  if (root === null) throw new Error(`no authority in ${place.authority.ca}`);
  if (await isGood(wanted, root, now)) return false;
  await mkdir(dirname(wanted.cert), { recursive: true, mode: 0o711 });
  await inWorkshop(place.folders.authority, async (workshop) => {
    await signHost(place, workshop, wanted.host);
    // the key first: a server that starts between the two finds a pair that does not fit and is started again,
    // where a certificate without its key would look good to the next `up`
    await ownFile(wanted.key, await readFile(join(workshop, 'key')), wanted.user, 0o600);
    await ownFile(wanted.cert, await readFile(join(workshop, 'cert')), wanted.user, 0o644);
  });
  return true;
}

async function isGood(wanted: Wanted, root: X509Certificate, now: number): Promise<boolean> {
  const [found, key] = await Promise.all([readCertificate(wanted.cert), readKey(wanted.key)]);
  if (found === null || key === null) return false;
  return isFresh(found, HOST_LIFE, now) && isFor(found, wanted.host, root) && fits(found, key);
}

async function ensureRoot(place: LakePlace, now: number): Promise<void> {
  const { ca, caKey } = place.authority;
  const [found, key] = await Promise.all([readCertificate(ca), readKey(caKey)]);
  if (found !== null && key !== null && isFresh(found, AUTHORITY_LIFE, now) && fits(found, key)) return;
  await inWorkshop(place.folders.authority, async (workshop) => {
    // the key is kept: what it signed before stays good with the new certificate
    if (key === null) await ownFile(caKey, newKey(), null, 0o600);
    const configuration = join(workshop, 'configuration');
    await writeFile(configuration, authorityConfiguration(domainOf(place.iam.host)));
    const made = join(workshop, 'ca');
    await openssl([
      ...['req', '-x509', '-new', '-key', caKey, '-config', configuration, '-out', made],
      ...['-days', days(AUTHORITY_LIFE), '-set_serial', serial()],
    ]);
    await ownFile(ca, await readFile(made), null, 0o644);
  });
}

/** One run of openssl, since with six hosts on a busy machine each counts. */
async function signHost(place: LakePlace, workshop: string, host: string): Promise<void> {
  const at = (name: string) => join(workshop, name);
  await writeFile(at('configuration'), hostConfiguration(host));
  await writeFile(at('key'), newKey(), { mode: 0o600 });
  await openssl([
    ...['req', '-x509', '-new', '-key', at('key'), '-config', at('configuration')],
    ...['-extensions', 'extensions', '-CA', place.authority.ca, '-CAkey', place.authority.caKey],
    ...['-set_serial', serial(), '-days', days(HOST_LIFE), '-out', at('cert')],
  ]);
}

/** Everything public: the bundle, and the folder that XRootD reads. */
async function writePublic(place: LakePlace): Promise<void> {
  const { authority } = place;
  const ca = await readFile(authority.ca, 'utf8');
  await ownFile(authority.bundle, `${(await textOr(SYSTEM_CERTIFICATES)).trimEnd()}\n${ca}`, null, 0o644);
  await publishFolder(authority.folder, ca);
}

/** Only public certificates, whatever somebody laid there: XrdTPC ends at the first file it cannot read (trap 1). */
async function publishFolder(folder: string, ca: string): Promise<void> {
  const entries = await readdir(folder);
  const good =
    entries.every((name) => name === 'ca.pem' || /^[0-9a-f]{8}\.\d+$/.test(name)) &&
    entries.length === 2 &&
    (await textOr(join(folder, 'ca.pem'))) === ca;
  if (good) return;
  for (const name of entries) await rm(join(folder, name), { recursive: true });
  await ownFile(join(folder, 'ca.pem'), ca, null, 0o644);
  await openssl(['rehash', folder]);
}

async function readableFolder(folder: string): Promise<void> {
  await mkdir(folder, { recursive: true, mode: 0o755 });
  // mkdir obeys the umask of whoever ran `up`
  await chmod(folder, 0o755);
}

async function readKey(path: string): Promise<string | null> {
  const text = await textOr(path);
  return text === '' ? null : text;
}

/** @returns false too for a key that is half a file */
function fits(certificate: X509Certificate, key: string): boolean {
  try {
    return certificate.checkPrivateKey(createPrivateKey(key));
  } catch (error) {
    if (/^ERR_(OSSL|CRYPTO)/.test((error as NodeJS.ErrnoException).code ?? '')) return false;
    throw error;
  }
}

/** '' where there is no such file */
async function textOr(path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return '';
    throw error;
  }
}

function days(life: Lifetime): string {
  return String(life.days);
}
