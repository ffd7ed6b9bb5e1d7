/** Is a certificate good, and for how long: read from the file each time, since files are what servers read. */
import { X509Certificate } from 'node:crypto';
import { readFile } from 'node:fs/promises';

export interface Lifetime {
  readonly days: number;
  /** a certificate with less than this left is made anew, ms */
  readonly renewWithin: number;
}

/** @returns null where there is none, or what is there is no certificate */
export async function readCertificate(path: string): Promise<X509Certificate | null> {
  const text = await readFile(path).catch((error: unknown) => {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw error;
  });
  return text === null ? null : parseCertificate(text);
}

export function parseCertificate(text: Buffer | string): X509Certificate | null {
  try {
    return new X509Certificate(text);
  } catch (error) {
    // half a file, an empty one: OpenSSL's errors all carry a code of this kind
    if (/^ERR_(OSSL|CRYPTO)/.test((error as NodeJS.ErrnoException).code ?? '')) return null;
    throw error;
  }
}

export function endOf(certificate: X509Certificate): number {
  return Date.parse(certificate.validTo);
}

/** Long enough from its end, and begun (a clock that was put back makes certificates from the future). */
export function isFresh(certificate: X509Certificate, life: Lifetime, now = Date.now()): boolean {
  return endOf(certificate) - now > life.renewWithin && Date.parse(certificate.validFrom) <= now + 60_000;
}

export function isFor(certificate: X509Certificate, host: string, authority: X509Certificate): boolean {
  return (
    certificate.checkHost(host) !== undefined &&
    certificate.checkIssued(authority) &&
    certificate.verify(authority.publicKey)
  );
}
