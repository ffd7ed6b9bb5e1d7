/** Whose failure it was: the store's (try again, nothing may be thrown away) or the sandbox's (nothing more to be had). */
import { setTimeout as wait } from 'node:timers/promises';
import { Problem } from '../contract/errors.ts';

/** The store is away, or another save of the same home (a periodic one) is still under way: later it will do. */
export function isStoreAway(error: unknown): error is Problem {
  return isCode(error, 'unavailable', 'busy');
}
export function isCode(error: unknown, ...codes: readonly Problem['code'][]): error is Problem {
  return error instanceof Problem && codes.includes(error.code);
}

/**
 * Tries again while the store is away, with pauses of 1, 2, 4 … 15 s.
 * @param patienceMs after it the store's own refusal is thrown
 */
export async function whileStoreIsAway<T>(
  act: () => Promise<T>,
  patienceMs: number,
  signal?: AbortSignal,
): Promise<T> {
  const until = performance.now() + patienceMs;
  for (let pause = 1000; ; pause = Math.min(pause * 2, 15_000)) {
    signal?.throwIfAborted();
    try {
      return await act();
    } catch (error) {
      if (!isStoreAway(error) || performance.now() + pause > until) throw error;
      await wait(pause, undefined, signal === undefined ? {} : { signal });
    }
  }
}
