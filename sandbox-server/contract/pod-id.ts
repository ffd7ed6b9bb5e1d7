/** A pod's sandbox id: the server and the agent inside compute it from the pod's UID, so neither has to be told. */
import { createHash } from 'node:crypto';

const ALPHABET = 'abcdefghijklmnopqrstuvwxyz234567';
/** characters of five bits each; a legal DNS label, as every id of ours */
const LENGTH = 20;

/** @param uid `metadata.uid`. @returns the first 20 characters of base32(sha256(uid)), lower case */
export function sandboxIdOf(uid: string): string {
  const bits = [...createHash('sha256').update(uid).digest().subarray(0, 13)]
    .map((byte) => byte.toString(2).padStart(8, '0'))
    .join('');
  return Array.from({ length: LENGTH }, (_, i) => ALPHABET[parseInt(bits.slice(i * 5, i * 5 + 5), 2)]).join(
    '',
  );
}
