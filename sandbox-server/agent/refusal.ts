/** How the agent says no: the contract's code and a sentence, as a class of its own because the agent imports no schema library. */
import type { ErrorCode, ProblemBody } from '../contract/errors.ts';

export class Refusal extends Error {
  readonly code: ErrorCode;
  readonly details: Record<string, unknown> | undefined;
  /** @param message what happened and what to do, in a sentence a learner understands */
  constructor(
    code: ErrorCode,
    message: string,
    options: { cause?: unknown; details?: Record<string, unknown> } = {},
  ) {
    super(message, options.cause === undefined ? {} : { cause: options.cause });
    this.name = 'Refusal';
    this.code = code;
    this.details = options.details;
  }
}

const STATUS: Partial<Record<ErrorCode, number>> = {
  'bad-request': 400,
  'not-signed-in': 401,
  forbidden: 403,
  'not-found': 404,
  timeout: 408,
  conflict: 409,
  busy: 409,
  stale: 412,
  'too-large': 413,
  unsupported: 415,
  limit: 429,
  unavailable: 503,
  'disk-full': 507,
};
export const statusOf = (code: ErrorCode): number => STATUS[code] ?? 500;

export function bodyOf(refusal: Refusal): ProblemBody {
  const body: ProblemBody = { code: refusal.code, message: refusal.message.slice(0, 2000) };
  return refusal.details === undefined ? body : { ...body, details: refusal.details };
}

/** The `code` of a system error (`ENOENT`, …), '' for anything else. */
export function errnoOf(error: unknown): string {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : '';
}

/** Any failure as a refusal: full disks and missing files have sentences of their own, the rest is `internal`. */
export function asRefusal(error: unknown): Refusal {
  if (error instanceof Refusal) return error;
  switch (errnoOf(error)) {
    case 'ENOSPC':
    case 'EDQUOT':
      return new Refusal(
        'disk-full',
        'The disk of this sandbox is full. Nothing was cut off: remove something and save again.',
        { cause: error },
      );
    case 'ENOENT':
    case 'ENOTDIR':
      return new Refusal('not-found', 'There is no such file or folder any more.', { cause: error });
    case 'EEXIST':
    case 'ENOTEMPTY':
      return new Refusal('conflict', 'Something with this name is already there.', { cause: error });
    case 'EACCES':
    case 'EPERM':
    case 'EROFS':
      return new Refusal('forbidden', 'The permissions of this file or folder do not allow that.', {
        cause: error,
      });
    case 'ELOOP':
    case 'ENAMETOOLONG':
    case 'EISDIR':
    case 'EINVAL':
      return new Refusal('bad-request', 'This path cannot be used here.', { cause: error });
    default:
      return new Refusal('internal', 'Something went wrong inside the sandbox. Try again.', { cause: error });
  }
}
