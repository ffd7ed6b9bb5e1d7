/**
 * Why a sign-in or a renewal failed, in one word of ours. The library's errors carry whole tokens, claims and
 * response bodies in their causes (IAM even echoes the token in `error_description`): only the word leaves this file.
 */
import {
  AuthorizationResponseError,
  ClientError,
  ResponseBodyError,
  WWWAuthenticateChallengeError,
} from 'openid-client';
import { ZodError } from 'zod';

export const REASONS = {
  'no-flow': 'This sign-in has expired, or it was begun in another browser.',
  'wrong-state': 'This sign-in was begun in another browser or tab.',
  'flow-used': 'This sign-in has already been used, or it took longer than ten minutes.',
  declined: 'The sign-in was declined at the identity provider.',
  'code-refused': 'The identity provider did not accept its own code: it was used before, or it was too old.',
  'wrong-issuer': 'The answer names another identity provider than the one asked.',
  'wrong-audience': 'The answer was made for another program.',
  'wrong-nonce': 'The answer belongs to another sign-in.',
  'wrong-subject': 'The answer speaks of another person.',
  'wrong-algorithm': 'The answer is signed in a way that is not accepted.',
  'bad-signature': 'The signature of the answer does not hold.',
  'unknown-key': 'The answer is signed with a key that the identity provider does not publish.',
  expired: 'The answer is older than it may be; the clock of this server or of the provider may be wrong.',
  'not-yet-valid': 'The answer is from the future; the clock of this server or of the provider may be wrong.',
  'bad-token': 'The answer cannot be read.',
  'client-refused':
    'The identity provider does not know this Palestra: its operator must check the client and its secret.',
  'provider-refused': 'The identity provider refused the sign-in.',
  'provider-down': 'The identity provider does not answer.',
} as const;
export type Reason = keyof typeof REASONS;

export function reasonOf(error: unknown): Reason {
  if (error instanceof AuthorizationResponseError)
    return error.error === 'access_denied' ? 'declined' : 'provider-refused';
  if (error instanceof ResponseBodyError) return refusal(error.error, error.status);
  if (error instanceof WWWAuthenticateChallengeError) return challenge(error);
  if (error instanceof ClientError) return byCode(error);
  if (error instanceof ZodError) return 'bad-token';
  if (isNetworkError(error)) return 'provider-down';
  throw error;
}

/** Definite: asking again with the same refresh token is useless. IAM answers 401 invalid_token where RFC 6749 says 400 invalid_grant. */
export function isFinal(reason: Reason): boolean {
  return !['provider-down', 'client-refused'].includes(reason);
}

function refusal(error: string, status: number): Reason {
  if (status >= 500) return 'provider-down';
  if (error === 'invalid_grant' || error === 'invalid_token') return 'code-refused';
  if (error === 'invalid_client' || error === 'unauthorized') return 'client-refused';
  return error === 'access_denied' ? 'declined' : 'provider-refused';
}

function challenge(error: WWWAuthenticateChallengeError): Reason {
  const codes = error.cause.map((c) => c.parameters.error);
  return codes.includes('invalid_token') || codes.includes('invalid_grant')
    ? 'code-refused'
    : 'client-refused';
}

/** The library's codes, and within them the claim it names. */
function byCode(error: ClientError): Reason {
  const { claim, status } = detailOf(error);
  switch (error.code) {
    case 'OAUTH_JWT_CLAIM_COMPARISON_FAILED':
      return (
        (
          { iss: 'wrong-issuer', aud: 'wrong-audience', azp: 'wrong-audience', nonce: 'wrong-nonce' } as const
        )[claim] ?? 'bad-token'
      );
    case 'OAUTH_JWT_TIMESTAMP_CHECK_FAILED':
      return claim === 'nbf' ? 'not-yet-valid' : 'expired';
    case 'OAUTH_KEY_SELECTION_FAILED':
      return 'unknown-key';
    case 'OAUTH_UNSUPPORTED_OPERATION':
      return 'wrong-algorithm';
    case 'OAUTH_TIMEOUT':
    case 'OAUTH_ABORT':
      return 'provider-down';
    case 'OAUTH_RESPONSE_IS_NOT_CONFORM':
      return status !== undefined && status < 500 ? 'provider-refused' : 'provider-down';
    default:
      return byMessage(error);
  }
}

/** INVALID_RESPONSE has no finer code; the library's own fixed texts tell (they hold no data). */
function byMessage(error: ClientError): Reason {
  const texts = [error.message, messageOf(error.cause)].join(' ');
  if (/signature verification failed/i.test(texts)) return 'bad-signature';
  if (/"alg"/.test(texts)) return 'wrong-algorithm';
  if (/"nonce"/.test(texts)) return 'wrong-nonce';
  if (/"aud"|"azp"/.test(texts)) return 'wrong-audience';
  if (/"iss"/.test(texts)) return 'wrong-issuer';
  return isNetworkError(error.cause) ? 'provider-down' : 'bad-token';
}

function detailOf(error: ClientError): { claim: string; status: number | undefined } {
  const inner = error.cause instanceof Error ? error.cause.cause : error.cause;
  const claim = typeof inner === 'object' && inner !== null && 'claim' in inner ? String(inner.claim) : '';
  const response = [error.cause, inner].find((c): c is Response => c instanceof Response);
  return { claim, status: response?.status };
}

function messageOf(cause: unknown): string {
  return cause instanceof Error ? cause.message : '';
}

/** What Node's fetch throws where nobody answers: a TypeError with a system error behind it, or a timeout. */
function isNetworkError(error: unknown): boolean {
  if (error instanceof DOMException) return error.name === 'TimeoutError' || error.name === 'AbortError';
  return error instanceof TypeError && /fetch failed|terminated/.test(error.message);
}
