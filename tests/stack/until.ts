/** Waiting, in tests with real servers. */
import { setTimeout as delay } from 'node:timers/promises';

/** Asks until the answer is good. @throws Error with the last one after `ms` */
export async function until<T>(ask: () => Promise<T>, good: (answer: T) => boolean, ms = 60_000): Promise<T> {
  const deadline = Date.now() + ms;
  for (;;) {
    const answer = await ask();
    if (good(answer)) return answer;
    if (Date.now() > deadline)
      throw new Error(`still ${JSON.stringify(answer).slice(0, 1_000)} after ${ms / 1000} s`);
    await delay(100);
  }
}
