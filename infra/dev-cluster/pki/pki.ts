/**
 * The cluster's certificates, keys and kubeconfigs: made once, looked at at each start, renewed before they end.
 * A certificate that fits no more (another address, another authority) is made anew; authorities keep their keys.
 */
import { createPrivateKey, createPublicKey, X509Certificate } from 'node:crypto';
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { isFresh, readCertificate } from '../../machine/certificate.ts';
import { inWorkshop, newKey, openssl, serial } from '../../machine/openssl.ts';
import { writeWhole } from '../../machine/write-whole.ts';
import type { ClusterPlace } from '../place.ts';
import { kubeconfigOf } from './kubeconfig.ts';
import {
  AUTHORITIES,
  CLIENTS,
  authorityRequest,
  certificateRequest,
  wantedCertificates,
  type WantedCertificate,
} from './wanted.ts';

const DAY = 86_400_000;
/** a development cluster's: nobody outside trusts them */
const LIFE = { days: 3650, renewWithin: 180 * DAY };

/** Makes what is missing, ends soon or fits no more. */
export async function ensurePki(place: ClusterPlace, now = Date.now()): Promise<void> {
  await mkdir(place.folders.pki, { recursive: true, mode: 0o700 });
  await Promise.all(AUTHORITIES.map(({ name, subject }) => ensureAuthority(place, name, subject, now)));
  await Promise.all([
    ensureServiceAccountKey(place),
    ...wantedCertificates(place).map((wanted) => ensureCertificate(place, wanted, now)),
  ]);
  await Promise.all(CLIENTS.map((name) => writeKubeconfig(place, name)));
}

function pkiFile(place: ClusterPlace, name: string): string {
  return join(place.folders.pki, name);
}

async function ensureAuthority(
  place: ClusterPlace,
  name: string,
  subject: string,
  now: number,
): Promise<void> {
  const key = await ensureKey(place, name);
  const found = await readCertificate(pkiFile(place, `${name}.crt`));
  if (found !== null && isFresh(found, LIFE, now) && fits(found, key)) return;
  await inWorkshop(place.folders.pki, async (workshop) => {
    await writeFile(join(workshop, 'request'), authorityRequest(subject));
    await openssl([
      ...['req', '-x509', '-new', '-key', pkiFile(place, `${name}.key`), '-days', String(LIFE.days)],
      ...['-config', join(workshop, 'request'), '-set_serial', serial(), '-out', join(workshop, 'made')],
    ]);
    await rename(join(workshop, 'made'), pkiFile(place, `${name}.crt`));
  });
}

async function ensureCertificate(place: ClusterPlace, wanted: WantedCertificate, now: number): Promise<void> {
  const key = await ensureKey(place, wanted.name);
  const file = pkiFile(place, `${wanted.name}.crt`);
  const root = await readCertificate(pkiFile(place, `${wanted.authority}.crt`));
  if (root === null) throw new Error(`no authority ${wanted.authority} in ${place.folders.pki}`);
  const found = await readCertificate(file);
  if (found !== null && isFresh(found, LIFE, now) && fits(found, key) && isAsWanted(found, root, wanted))
    return;
  await inWorkshop(place.folders.pki, async (workshop) => {
    await writeFile(join(workshop, 'request'), certificateRequest(wanted));
    await openssl([
      ...['req', '-x509', '-new', '-key', pkiFile(place, `${wanted.name}.key`), '-days', String(LIFE.days)],
      ...['-config', join(workshop, 'request'), '-extensions', 'extensions', '-set_serial', serial()],
      ...['-CA', pkiFile(place, `${wanted.authority}.crt`)],
      ...['-CAkey', pkiFile(place, `${wanted.authority}.key`), '-out', join(workshop, 'made')],
    ]);
    await rename(join(workshop, 'made'), file);
  });
}

/** Signed by this authority, for this user and these addresses. */
function isAsWanted(found: X509Certificate, root: X509Certificate, wanted: WantedCertificate): boolean {
  return (
    found.verify(root.publicKey) &&
    found.subject.split('\n').includes(`CN=${wanted.user}`) &&
    (wanted.addresses ?? []).every((address) => found.checkIP(address) !== undefined) &&
    (wanted.names ?? []).every((name) => found.checkHost(name) !== undefined)
  );
}

async function ensureServiceAccountKey(place: ClusterPlace): Promise<void> {
  const key = await ensureKey(place, 'sa');
  const text = createPublicKey(key).export({ type: 'spki', format: 'pem' });
  await writeFile(pkiFile(place, 'sa.pub'), text, { mode: 0o600 });
}

/** @returns the key's PEM text */
async function ensureKey(place: ClusterPlace, name: string): Promise<string> {
  const file = pkiFile(place, `${name}.key`);
  const found = await readKey(file);
  if (found !== null) return found;
  const text = newKey();
  await writeWhole(file, text);
  return text;
}

/** @returns null where there is none, or half of one */
async function readKey(file: string): Promise<string | null> {
  const text = await readFile(file, 'utf8').catch((error: unknown) => {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw error;
  });
  if (text === null) return null;
  try {
    createPrivateKey(text);
    return text;
  } catch (error) {
    if (/^ERR_(OSSL|CRYPTO)/.test((error as NodeJS.ErrnoException).code ?? '')) return null;
    throw error;
  }
}

function fits(certificate: X509Certificate, key: string): boolean {
  return certificate.checkPrivateKey(createPrivateKey(key));
}

async function writeKubeconfig(place: ClusterPlace, client: (typeof CLIENTS)[number]): Promise<void> {
  const read = (name: string) => readFile(pkiFile(place, name), 'utf8');
  const [ca, certificate, key] = await Promise.all([
    read('ca.crt'),
    read(`${client}.crt`),
    read(`${client}.key`),
  ]);
  const file = client === 'admin' ? place.kubeconfig : join(place.folders.etc, `${client}.kubeconfig`);
  await writeWhole(
    file,
    kubeconfigOf({ name: place.name, server: place.api, user: client, ca, certificate, key }),
  );
}
