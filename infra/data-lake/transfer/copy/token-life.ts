/** Tokens of elements are theirs to judge; only their end is read here, so that a stale one is told before it is sent. */
import { decodeJwt } from 'jose';
import { ERRNO, failure } from './failure.ts';
import type { Place } from './element.ts';

/** @throws TransferFailure for a token that has ended; one that is no JWT is left to the element */
export function refuseEnded(place: Place, now: number): void {
  const until = place.token === null ? null : endOf(place.token);
  if (until === null || until > now) return;
  const seconds = Math.round((now - until) / 1000);
  throw failure(
    place.scope,
    ERRNO.denied,
    `The token for ${place.url.hostname} expired ${seconds} s ago, while the transfer waited`,
    false,
  );
}

/** @returns ms since the epoch, null where it is no JWT or has no end */
function endOf(token: string): number | null {
  try {
    const { exp } = decodeJwt(token);
    return exp === undefined ? null : exp * 1000;
  } catch (error) {
    // an opaque token: nothing to read
    if (error instanceof Error && 'code' in error && error.code === 'ERR_JWT_INVALID') return null;
    throw error;
  }
}
