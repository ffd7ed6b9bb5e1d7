/**
 * The work goes on for whoever asks again (or releases); only this caller stops waiting, and what the work fails with
 * later is nobody's.
 * @throws the work's own error, or the signal's reason, also where it was called off before
 */
export async function unlessAborted<T>(work: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (signal === undefined) return work;
  const gone = Promise.withResolvers<never>();
  const stop = (): void => gone.reject(signal.reason as Error);
  signal.addEventListener('abort', stop, { once: true });
  if (signal.aborted) stop();
  try {
    return await Promise.race([gone.promise, work]);
  } finally {
    signal.removeEventListener('abort', stop);
  }
}
