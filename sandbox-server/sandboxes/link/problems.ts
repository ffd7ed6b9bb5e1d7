/** What can go wrong with an agent, as Problems with a sentence for whoever waits. */
import { Problem } from '../../contract/errors.ts';

export function misbehaved(how: string, cause?: unknown): Problem {
  return new Problem(
    'agent-misbehaved',
    `The sandbox gave an answer it may not give: ${how}. Pause the lab and start it again.`,
    { cause },
  );
}

export function timedOut(cause?: unknown): Problem {
  return new Problem('timeout', 'The sandbox did not answer in time. Try again.', { cause });
}

export function unreachable(cause: unknown): Problem {
  return new Problem(
    'agent-unreachable',
    'The sandbox does not answer. Its files are kept: wait a moment, or pause the lab and start it again.',
    { cause },
  );
}

/** A failure on the way as a Problem: nobody there, or no HTTP. */
export function asProblem(error: unknown): Problem {
  if (error instanceof Problem) return error;
  const code = error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : '';
  if (code.startsWith('HPE_')) return misbehaved('it does not speak HTTP', error);
  if (code === 'ABORT_ERR')
    return new Problem('timeout', 'The request to the sandbox was given up.', { cause: error });
  return unreachable(error);
}
