/**
 * What starting leaves behind: parsed lessons, sources with their types stripped, lists of a thousand pods. It is half of
 * what an idle server holds (70 of 137 MB of heap), and V8 collects it only once somebody needs as much again, which an
 * idle server never does. So it is asked to, once, where Node was started with `--expose-gc`. The usual collection leaves
 * the pages half empty and resident; only the last resort gives them back.
 */

/** learners who waited for the server come first: the collection stops it for some 180 ms */
const AFTER_MS = 5_000;
const WHOLE = { type: 'major', execution: 'sync', flavor: 'last-resort' } as const;

/** @returns ends the waiting */
export function collectStartUpGarbage(gc = globalThis.gc, afterMs = AFTER_MS): Disposable {
  const timer = setTimeout(() => gc?.(WHOLE), afterMs);
  timer.unref();
  return { [Symbol.dispose]: () => clearTimeout(timer) };
}
