/**
 * The one table of how Palestra says no: error code → HTTP status → WebSocket close code. Everything that
 * fails anywhere ends here as a ProblemBody; what is not a Problem is logged and called `internal`.
 */
import { hasZodFastifySchemaValidationErrors } from 'fastify-type-provider-zod';
import { Problem } from '../contract/errors.ts';
import type { ErrorCode, ProblemBody } from '../contract/errors.ts';
import { CLOSE } from '../contract/terminal.ts';

interface Saying {
  readonly status: number;
  readonly close: number;
}
export const PROBLEMS: Readonly<Record<ErrorCode, Saying>> = {
  'bad-request': { status: 400, close: 1008 },
  'not-signed-in': { status: 401, close: CLOSE.revoked },
  'sign-in-again': { status: 401, close: CLOSE.revoked },
  forbidden: { status: 403, close: CLOSE.revoked },
  'cross-site': { status: 403, close: 1008 },
  'wrong-host': { status: 421, close: 1008 },
  'not-found': { status: 404, close: 1008 },
  conflict: { status: 409, close: 1008 },
  stale: { status: 412, close: 1008 },
  'too-large': { status: 413, close: 1009 },
  unsupported: { status: 415, close: 1003 },
  busy: { status: 409, close: 1008 },
  limit: { status: 429, close: CLOSE.limit },
  'no-capacity': { status: 503, close: CLOSE.restarting },
  'kit-preparing': { status: 503, close: CLOSE.restarting },
  'kit-missing': { status: 503, close: 1011 },
  'disk-full': { status: 507, close: 1011 },
  'sandbox-gone': { status: 410, close: CLOSE.ended },
  'agent-unreachable': { status: 502, close: CLOSE.agentLost },
  'agent-misbehaved': { status: 502, close: CLOSE.agentLost },
  timeout: { status: 504, close: CLOSE.agentLost },
  unavailable: { status: 503, close: CLOSE.restarting },
  internal: { status: 500, close: 1011 },
};

export function statusOf(code: ErrorCode): number {
  return PROBLEMS[code].status;
}
/** The close code of a WebSocket that ends for this reason. */
export function closeCodeOf(code: ErrorCode): number {
  return PROBLEMS[code].close;
}

/** Somebody else's and nobody's are one answer, word for word (T29). */
export function nothingHere(): Problem {
  return new Problem('not-found', 'There is nothing here by this name, or it is not yours.');
}

/** Whatever was thrown, as a Problem. */
export function toProblem(error: unknown): Problem {
  if (error instanceof Problem) return error;
  if (hasZodFastifySchemaValidationErrors(error)) return new Problem('bad-request', misfit(error.validation));
  const status = clientStatus(error);
  if (status === 413) return new Problem('too-large', 'This is larger than the server takes here.');
  if (status === 415)
    return new Problem('unsupported', 'The server does not take this kind of content here.');
  if (status === 403 || status === 404) return nothingHere();
  if (status !== null) return new Problem('bad-request', 'The server does not understand this request.');
  return new Problem(
    'internal',
    'The server made a mistake, which was logged. Try again; tell the operator if it stays.',
    {
      cause: error,
    },
  );
}

/** At most what the schema of a problem takes. */
export function bodyOf(problem: Problem): ProblemBody {
  const body = problem.toBody();
  return { ...body, message: body.message.slice(0, 2000) };
}

function misfit(
  validation: readonly { readonly instancePath: string; readonly message?: string | undefined }[],
): string {
  const [first] = validation;
  const where = first?.instancePath.replace(/^\//, '').replaceAll('/', '.');
  return `The request does not fit: ${where === undefined || where === '' ? '' : `${where}: `}${first?.message ?? 'unknown'}`;
}
/** The 4xx that Fastify and its plugins put on their errors. */
function clientStatus(error: unknown): number | null {
  if (typeof error !== 'object' || error === null || !('statusCode' in error)) return null;
  const { statusCode } = error;
  return typeof statusCode === 'number' && statusCode >= 400 && statusCode < 500 ? statusCode : null;
}
