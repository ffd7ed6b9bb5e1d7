/** Unguessable values and what is kept of them. */
import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';

/** 256 random bits, base64url: 43 characters. */
export function randomSecret(): string {
  return randomBytes(32).toString('base64url');
}

/** SHA-256 under a purpose, base64url: what the store keeps of a secret, useless to whoever reads it there. */
export function hashOf(purpose: string, secret: string): string {
  return createHash('sha256').update(`${purpose}\0${secret}`).digest('base64url');
}

/** Compares without telling by its time where two texts differ. */
export function sameText(a: string, b: string): boolean {
  return timingSafeEqual(createHash('sha256').update(a).digest(), createHash('sha256').update(b).digest());
}

const COOKIE = /^[A-Za-z0-9_-]{43}$/;
/** Whether it can be a cookie of ours at all: nothing longer is ever hashed. */
export function isCookie(value: string | undefined): value is string {
  return value !== undefined && COOKIE.test(value);
}
