/** Sandbox ids: 100 random bits in base32, a legal DNS label (`contract/names.ts`). */
import { randomBytes } from 'node:crypto';

const ALPHABET = 'abcdefghijklmnopqrstuvwxyz234567';

export function newId(): string {
  // 256 is a multiple of 32: every letter is equally likely
  return Array.from(randomBytes(20), (byte) => ALPHABET[byte % 32]).join('');
}
