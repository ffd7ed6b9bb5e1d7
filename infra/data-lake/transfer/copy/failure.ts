/**
 * Why a transfer failed, in FTS3's words: Rucio's finisher and people who know FTS3 match on them. `retry` says
 * whether the same attempt may succeed in a moment.
 */
import { STATUS_CODES } from 'node:http';

export type Scope = 'SOURCE' | 'DESTINATION' | 'TRANSFER';

/** errno values that FTS3 and gfal2 use */
export const ERRNO = {
  notFound: 2,
  io: 5,
  denied: 13,
  exists: 17,
  invalid: 22,
  full: 28,
  communication: 70,
  timeout: 110,
} as const;

const MOST_REASON = 1000;

export class TransferFailure extends Error {
  readonly retry: boolean;
  /** what the destination holds, where that is why we failed */
  readonly found: Found | undefined;
  constructor(reason: string, retry: boolean, options: { cause?: unknown; found?: Found } = {}) {
    super(
      withoutSecrets(reason).slice(0, MOST_REASON),
      options.cause === undefined ? {} : { cause: options.cause },
    );
    this.name = 'TransferFailure';
    this.retry = retry;
    this.found = options.found;
  }
}
/** FTS3's `dst_file` report, from which Rucio sees that a file which exists is the right one */
export interface Found {
  readonly size: number;
  readonly adler32: string | null;
}

export function failure(
  scope: Scope,
  errno: number,
  text: string,
  retry: boolean,
  cause?: unknown,
): TransferFailure {
  return new TransferFailure(`${scope} [${errno}] ${text}`, retry, cause === undefined ? {} : { cause });
}

/** An answer of an element that is not what was asked for. @param what the question, as `SOURCE` or `COPY` */
export function refused(scope: Scope, what: string, status: number, body: string): TransferFailure {
  const [errno, words, retry] = meaningOf(status);
  // an answer to HEAD has no body
  const detail = words ?? (printableLine(body) || (STATUS_CODES[status] ?? 'no reason given'));
  return failure(scope, errno, `${what} HTTP ${status} : ${detail}`, retry);
}

function meaningOf(status: number): readonly [errno: number, words: string | null, retry: boolean] {
  if (status === 404 || status === 410) return [ERRNO.notFound, 'File not found', false];
  if (status === 401 || status === 403) return [ERRNO.denied, 'Permission refused', false];
  if (status === 507 || status === 413) return [ERRNO.full, 'No space left on device', false];
  // 423: another writer has it open, perhaps an attempt of ours that the element has not yet given up
  if (status === 408 || status === 423 || status === 425 || status === 429)
    return [ERRNO.communication, null, true];
  if (status >= 500) return [ERRNO.communication, null, true];
  return [ERRNO.io, null, false];
}

const NOT_WORTH: readonly RegExp[] = [/^(CERT_|ERR_TLS|DEPTH_ZERO|SELF_SIGNED|UNABLE_TO_)/, /^ERR_INVALID/];
const TIMEOUT = /^(ETIMEDOUT|ESOCKETTIMEDOUT|ERR_TIMEOUT)$/;

/** The network said no: nobody listens, the connection broke, the certificate is not good, the answer is no HTTP. */
export function unreachable(scope: Scope, error: unknown, where: string): TransferFailure {
  if (error instanceof TransferFailure) return error;
  const code = codeOf(error);
  if (TIMEOUT.test(code))
    return failure(scope, ERRNO.timeout, `Operation timed out: ${where} does not answer`, true, error);
  if (code.startsWith('HPE_'))
    return failure(
      scope,
      ERRNO.communication,
      `${where} answered something that is not HTTP (${code})`,
      true,
      error,
    );
  const worth = !NOT_WORTH.some((pattern) => pattern.test(code));
  return failure(scope, ERRNO.communication, `${code} at ${where}`, worth, error);
}

function codeOf(error: unknown): string {
  if (!(error instanceof Error)) return 'UNKNOWN';
  // several addresses tried: the first one's reason
  if (error instanceof AggregateError && error.errors.length > 0) return codeOf(error.errors[0]);
  return 'code' in error && typeof error.code === 'string' ? error.code : error.message.slice(0, 120);
}

/**
 * The last line of a third-party copy that went wrong is the active element's own text. What it says of the other
 * side decides whether trying again is worth it.
 */
export function failedCopy(text: string, where: string): TransferFailure {
  const said = printableLine(text) || 'no reason given';
  const told = /(?:HTTP|status|code)\D{0,12}(\d{3})\b/i.exec(said)?.[1];
  if (told !== undefined && Number(told) >= 400 && Number(told) < 600) {
    const [errno, , retry] = meaningOf(Number(told));
    return failure('TRANSFER', errno, `${where}: ${said}`, retry);
  }
  if (/no space|disk full|quota/i.test(said))
    return failure('TRANSFER', ERRNO.full, `${where}: ${said}`, false);
  if (/denied|forbidden|not permitted|unauthori[sz]ed/i.test(said))
    return failure('TRANSFER', ERRNO.denied, `${where}: ${said}`, false);
  if (/no such file|not found/i.test(said))
    return failure('TRANSFER', ERRNO.notFound, `${where}: ${said}`, false);
  return failure('TRANSFER', ERRNO.io, `${where}: ${said}`, true);
}

/** An element may send back what we sent it: no token leaves in an error (T57), nor control characters (T66). */
function withoutSecrets(text: string): string {
  return text
    .replace(/\b(bearer|basic) +[A-Za-z0-9._~+/=-]{8,}/gi, '$1 [redacted]')
    .replace(/\beyJ[A-Za-z0-9_-]{5,}(?:\.[A-Za-z0-9_-]*){0,2}/g, '[redacted]')
    .replace(/([?&](?:authz|[a-z_]*token)=)[^&\s"']+/gi, '$1[redacted]');
}
function printableLine(text: string): string {
  return text
    .slice(0, 2000)
    .replace(/<[^>]{0,200}>/g, ' ')
    .replace(/[\u0000-\u001f\u007f-\u009f\u200b-\u200f\u2028-\u202e\u2066-\u2069]+/gu, ' ')
    .replace(/ {2,}/g, ' ')
    .trim()
    .slice(0, 300);
}
