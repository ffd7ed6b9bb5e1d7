/** Who somebody is, for good: the provider and its subject, never an e-mail address or a name (T26). */
import { createHash } from 'node:crypto';

const ALPHABET = 'abcdefghijklmnopqrstuvwxyz234567';

/** @returns the first 100 bits of SHA-256(iss NUL sub) as 20 base32 characters; an issuer's trailing slash does not count. */
export function personId(issuer: string, subject: string): string {
  const digest = createHash('sha256')
    .update(`${withoutSlash(issuer)}\0${subject}`)
    .digest();
  return base32(digest).slice(0, 20);
}

/** IAM says its issuer with a slash in ID tokens and, as configured, without in access tokens. */
export function withoutSlash(issuer: string): string {
  return issuer.endsWith('/') ? issuer.slice(0, -1) : issuer;
}

/** What `base32` made letters of: a digit for each bit. */
export function bitsOf(id: string): string {
  return [...id].map((letter) => ALPHABET.indexOf(letter).toString(2).padStart(5, '0')).join('');
}

function base32(bytes: Uint8Array): string {
  const bits = [...bytes].map((byte) => byte.toString(2).padStart(8, '0')).join('');
  return (bits.match(/.{5}/g) ?? []).map((five) => ALPHABET[Number.parseInt(five, 2)]).join('');
}
