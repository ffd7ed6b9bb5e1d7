/** A token bucket that costs two numbers a connection and no timer. */
export interface MessageRate {
  /** @returns false where these messages come faster than the bucket fills. */
  take(messages: number, now: number): boolean;
}

/** @param perSecond sustained; @param burst at once. `now` is in ms and never goes back. */
export function createMessageRate(perSecond: number, burst: number, start: number): MessageRate {
  let left = burst;
  let last = start;
  return {
    take(messages, now) {
      left = Math.min(burst, left + ((now - last) / 1000) * perSecond) - messages;
      last = now;
      return left >= 0;
    },
  };
}
