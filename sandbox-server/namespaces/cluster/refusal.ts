/** What the API server said instead of yes, and how it is told to people. */
import { z } from 'zod';
import { Problem } from '../../contract/errors.ts';

const Status = z.object({ reason: z.string().optional(), message: z.string().optional() });

/** Stays in this room; `problemOf` makes it a Problem. */
export class ClusterRefusal extends Error {
  readonly status: number;
  /** Kubernetes' word for it: `NotFound`, `Forbidden`, `Conflict`, … */
  readonly reason: string;
  /** seconds that the server asked to wait, where it did */
  readonly retryAfter: number | undefined;
  constructor(status: number, body: unknown, retryAfter?: number) {
    const said = Status.safeParse(body).data;
    super(said?.message ?? `the API server answered ${String(status)}`);
    this.name = 'ClusterRefusal';
    this.status = status;
    this.reason = said?.reason ?? '';
    this.retryAfter = retryAfter;
  }
}

/** No answer: nobody there, a connection cut, too late. */
export class ClusterSilence extends Error {
  constructor(cause: unknown) {
    super(`the API server does not answer: ${cause instanceof Error ? cause.message : String(cause)}`, {
      cause,
    });
    this.name = 'ClusterSilence';
  }
}

export function refusedWith(error: unknown, status: number): error is ClusterRefusal {
  return error instanceof ClusterRefusal && error.status === status;
}

/** What is not there, or is of a kind that this cluster does not have. */
export async function unlessAbsent<T, Absent>(work: () => Promise<T>, absent: Absent): Promise<T | Absent> {
  try {
    return await work();
  } catch (error) {
    if (refusedWith(error, 404)) return absent;
    throw error;
  }
}

/** A sentence for the learner; the API server's own words are kept as the cause. */
export function problemOf(error: unknown): Problem {
  if (error instanceof Problem) return error;
  if (error instanceof ClusterSilence)
    return new Problem(
      'unavailable',
      'The cluster does not answer just now. Labs that run go on; try this again in a minute.',
      { cause: error },
    );
  if (!(error instanceof ClusterRefusal)) throw error;
  if (error.status === 429 || error.status >= 500)
    return new Problem('unavailable', 'The cluster is busy just now. Try this again in a minute.', {
      cause: error,
    });
  return new Problem(
    'internal',
    'Your namespace on the cluster could not be made. Please tell the operator what stands in the details.',
    {
      cause: error,
      details: { status: error.status, reason: error.reason, said: error.message.slice(0, 500) },
    },
  );
}
