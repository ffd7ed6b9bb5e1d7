/**
 * Every way Palestra can say no. The codes are stable: pages, tests and operators match on them,
 * and `edge/` maps each to one HTTP status and one WebSocket close code in a single table.
 */
import { z } from 'zod';

export const ErrorCode = z.enum([
  'bad-request', // a body, query, header or path that does not fit its schema
  'not-signed-in', // no session, or one we do not know
  'sign-in-again', // the identity provider no longer renews this person's tokens
  'forbidden', // signed in, and not entitled
  'cross-site', // foreign origin, Sec-Fetch-Site, or a missing XSRF defence
  'wrong-host', // a Host header that is not ours
  'not-found', // also: somebody else's; the two are not told apart
  'conflict', // the thing exists or is in another state
  'stale', // If-Match does not hold: somebody saved in between
  'too-large', // above the stated limit
  'unsupported', // a device, a FIFO, a binary where text is needed
  'busy', // a terminal runs a program; `details.command` names it
  'limit', // too many requests or connections; `details.retryAfter` in seconds
  'no-capacity', // no sandbox can be had now
  'kit-preparing', // `details.progress` says how far
  'kit-missing', // the kit could not be prepared
  'disk-full', // nothing was truncated
  'sandbox-gone', // the sandbox ended; files are kept
  'agent-unreachable', // the sandbox does not answer
  'agent-misbehaved', // the sandbox answered something it may not
  'timeout',
  'unavailable', // the server is stopping or not yet ready
  'internal',
]);
export type ErrorCode = z.infer<typeof ErrorCode>;

/** What crosses the wire: a stable code, a sentence for a person, and facts a page may use. */
export const ProblemBody = z.object({
  code: ErrorCode,
  message: z.string().max(2000),
  details: z.record(z.string(), z.unknown()).optional(),
});
export type ProblemBody = z.infer<typeof ProblemBody>;

/**
 * The one error class that may cross a room's wall.
 * @param message what happened and what to do, in a sentence a learner understands.
 */
export class Problem extends Error {
  readonly code: ErrorCode;
  readonly details: Record<string, unknown> | undefined;
  constructor(
    code: ErrorCode,
    message: string,
    options: { cause?: unknown; details?: Record<string, unknown> } = {},
  ) {
    super(message, options.cause === undefined ? {} : { cause: options.cause });
    this.name = 'Problem';
    this.code = code;
    this.details = options.details;
  }
  toBody(): ProblemBody {
    const body: ProblemBody = { code: this.code, message: this.message };
    return this.details === undefined ? body : { ...body, details: this.details };
  }
}
