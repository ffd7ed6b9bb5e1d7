/** When to dial again after a cut: exponential with jitter, so that a class does not return in one wave. */

const FIRST_MS = 250;
const LONGEST_MS = 15_000;

/**
 * @param attempt 0 for the first try after a cut
 * @param random in [0, 1)
 * @returns milliseconds to wait: between half and all of 250 ms · 2^attempt, at most 15 s
 */
export function backOff(attempt: number, random: number): number {
  const whole = Math.min(LONGEST_MS, FIRST_MS * 2 ** Math.min(attempt, 30));
  return Math.round(whole / 2 + (whole / 2) * random);
}
