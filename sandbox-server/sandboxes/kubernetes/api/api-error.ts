/** What the API server says no with: its status and reason, as a class so that callers can tell a lost race from a refusal. */
import { z } from 'zod';
import { Problem } from '../../../contract/errors.ts';

export class ApiError extends Error {
  /** HTTP; 0: no answer came */
  readonly status: number;
  /** `NotFound`, `Conflict`, `Invalid`, `Expired`, … */
  readonly reason: string;
  /** seconds, where it said when to come again */
  readonly retryAfter: number | null;
  constructor(
    status: number,
    reason: string,
    message: string,
    options: { retryAfter?: number | null; cause?: unknown } = {},
  ) {
    super(message, { cause: options.cause });
    this.name = 'ApiError';
    this.status = status;
    this.reason = reason;
    this.retryAfter = options.retryAfter ?? null;
  }
}

const Status = z.object({
  kind: z.literal('Status'),
  reason: z.string().optional(),
  message: z.string().optional(),
  code: z.number().optional(),
  details: z.object({ retryAfterSeconds: z.number().optional() }).optional(),
});

/** @param status of the answer, or of the `ERROR` event of a watch (then taken from the body) */
export function errorFrom(status: number, body: unknown, retryAfter: string | undefined): ApiError {
  const said = Status.safeParse(body);
  if (!said.success)
    return new ApiError(status, '', `The API server answered ${status}.`, {
      retryAfter: secondsOf(retryAfter),
    });
  const { reason = '', message = '', code, details } = said.data;
  return new ApiError(code ?? status, reason, message, {
    retryAfter: secondsOf(retryAfter) ?? details?.retryAfterSeconds ?? null,
  });
}

function secondsOf(header: string | undefined): number | null {
  const seconds = Number(header ?? NaN);
  return Number.isFinite(seconds) && seconds >= 0 ? seconds : null;
}

/** Whether nothing can be said about what became of the request: no answer, or one from before the API server. */
export function isUncertain(error: unknown): boolean {
  return error instanceof ApiError && (error.status === 0 || error.status === 504 || error.status === 502);
}
/** Whether the same may succeed in a moment without anybody's doing. */
export function isPassing(error: unknown): boolean {
  return error instanceof ApiError && (error.status === 0 || error.status === 429 || error.status >= 500);
}
export function hasStatus(error: unknown, ...statuses: readonly number[]): error is ApiError {
  return error instanceof ApiError && statuses.includes(error.status);
}

/** For a learner who waits (F8): running labs need no API server. */
export function awayProblem(cause: unknown): Problem {
  return new Problem(
    'unavailable',
    'The cluster does not answer just now. Labs that run go on; a new one can be had when it is back: try again in a minute.',
    { cause },
  );
}
