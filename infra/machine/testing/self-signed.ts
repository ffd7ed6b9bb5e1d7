/** A certificate for tests that is its own authority. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { openssl } from '../openssl.ts';

export interface SelfSigned {
  /** PEM texts */
  readonly key: string;
  readonly cert: string;
  /** PEM file of the certificate */
  readonly ca: string;
}

/**
 * Good for two days.
 * @param folder where its files are laid
 * @param kind what the host is
 */
export async function selfSigned(folder: string, host: string, kind: 'DNS' | 'IP'): Promise<SelfSigned> {
  const [key, ca] = [join(folder, 'key.pem'), join(folder, 'ca.pem')];
  await openssl([
    ...['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-days', '2'],
    ...['-subj', `/CN=${host}`, '-addext', `subjectAltName=${kind}:${host}`, '-keyout', key, '-out', ca],
  ]);
  return { key: await readFile(key, 'utf8'), cert: await readFile(ca, 'utf8'), ca };
}
