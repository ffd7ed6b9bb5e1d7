/** Every way the lake can say no, as a sentence and a way on. */
import { decodeJwt, errors } from 'jose';
import { Problem } from '../contract/errors.ts';
import type { ErrorCode } from '../contract/errors.ts';
import type { LakeTrouble } from '../contract/lake.ts';

type Reason = LakeTrouble['reason'];

/** The lake cannot be shown now. Does not leave this room: see `toProblem`. */
export class LakeOut extends Error {
  readonly trouble: LakeTrouble;
  constructor(trouble: LakeTrouble, options: { cause?: unknown } = {}) {
    super(trouble.message, options);
    this.name = 'LakeOut';
    this.trouble = trouble;
  }
}

const CODES: Readonly<Record<Reason, ErrorCode>> = {
  'none-here': 'not-found',
  starting: 'unavailable',
  down: 'unavailable',
  refused: 'forbidden',
  'not-admitted': 'forbidden',
  'sign-in-again': 'sign-in-again',
  misbehaved: 'unavailable',
};
export function toProblem(out: LakeOut): Problem {
  const { trouble } = out;
  return new Problem(CODES[trouble.reason], `${trouble.message} ${trouble.todo}`, {
    cause: out,
    details: { ...trouble },
  });
}

const TRIES_AGAIN = 'This page keeps trying. If it lasts, tell whoever runs this platform.';

export const noneHere: LakeTrouble = {
  reason: 'none-here',
  message: 'This platform has no data lake.',
  todo: 'Whoever runs it can add one; the lesson itself can be read without.',
};
export function down(why: string): LakeTrouble {
  return {
    reason: 'down',
    message: `The data lake does not answer (${why}).`,
    todo: `What you have there is kept. ${TRIES_AGAIN}`,
  };
}
export function misbehaved(what: string): LakeTrouble {
  return {
    reason: 'misbehaved',
    message: `The data lake answered something unexpected: ${what}.`,
    todo: TRIES_AGAIN,
  };
}

/** Where it is, or a token for it, could not be had: the other room's own words, and ours on what to do. */
export function fromProblem(problem: Problem): LakeTrouble {
  const message = problem.message;
  switch (problem.code) {
    case 'sign-in-again':
      return { reason: 'sign-in-again', message, todo: 'Sign in again; what you have in the lake is kept.' };
    case 'forbidden':
      return { reason: 'refused', message, todo: TRIES_AGAIN };
    case 'unavailable':
    case 'timeout':
      return { reason: 'starting', message, todo: 'This page goes on by itself.' };
    default:
      return { reason: 'misbehaved', message, todo: TRIES_AGAIN };
  }
}

/**
 * Rucio answers every token it does not take with the same 401 and no reason, so the reason is read from the token
 * itself; where that is in order, it is the learner whom Rucio does not know.
 * @param now ms since the epoch
 */
export function tokenRefused(
  token: string,
  audience: string,
  scopes: readonly string[],
  now: number,
): LakeTrouble {
  const why = faultOf(token, audience, scopes, now);
  if (why === null)
    return {
      reason: 'not-admitted',
      message: 'The data lake does not know you yet.',
      todo: 'You are admitted when a lab that uses it starts: pause this one and resume it. If it lasts, tell whoever runs this platform.',
    };
  return {
    reason: 'refused',
    message: `The data lake refuses your token: ${why}.`,
    todo: 'A new one is asked for by itself. In the terminal, `palestra lake check` tells which part is wrong.',
  };
}
function faultOf(token: string, audience: string, scopes: readonly string[], now: number): string | null {
  const claims = claimsOf(token);
  if (claims === null) return 'it is no token that can be read';
  if (claims.exp !== undefined && claims.exp * 1000 <= now) return 'it has expired';
  if (![claims.aud ?? []].flat().includes(audience)) return `it is not meant for ${audience}`;
  const has = typeof claims['scope'] === 'string' ? claims['scope'].split(' ') : [];
  const lacking = scopes.filter((scope) => !has.includes(scope));
  return lacking.length === 0 ? null : `it lacks the scope ${lacking.join(' ')}`;
}
/** Read, not verified: only Rucio decides what it is worth. */
function claimsOf(token: string): ReturnType<typeof decodeJwt> | null {
  try {
    return decodeJwt(token);
  } catch (error) {
    if (error instanceof errors.JWTInvalid || error instanceof TypeError) return null;
    throw error;
  }
}
