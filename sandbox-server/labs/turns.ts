/**
 * Waiting for a sandbox when there is none: first come, first served. Only who is first tries, so that a
 * freed sandbox goes to them and a later start never overtakes. Who has a place is first no longer, though their sandbox
 * takes seconds to start: the next tries meanwhile.
 */
import { Problem } from '../contract/errors.ts';

/** @param placed to be called once it is sure of a sandbox that is still to start */
export type Claim<T> = (placed: () => void) => Promise<T>;

export interface Turns {
  /**
   * Runs `claim` until it no longer says `no-capacity`, in the order of asking.
   * @param onPlace told the place whenever it changes while waiting: 1 is next
   */
  take<T>(claim: Claim<T>, signal: AbortSignal, onPlace: (place: number) => void): Promise<T>;
  /** something was freed: the first may try again now */
  freed(): void;
}
interface Waiter {
  readonly onPlace: (place: number) => void;
  /** woken while it was trying: it must try once more, or the freed place is missed */
  again: boolean;
  wake: () => void;
}

/** @param everyMs how often the first tries without being told that something was freed */
export function createTurns(everyMs = 5000): Turns {
  const waiting: Waiter[] = [];
  const tellPlaces = (): void => {
    waiting.forEach((waiter, i) => {
      waiter.onPlace(i + 1);
    });
  };
  const wakeFirst = (): void => {
    const first = waiting[0];
    if (first === undefined) return;
    first.again = true;
    first.wake();
  };
  const leave = (waiter: Waiter): void => {
    const at = waiting.indexOf(waiter);
    if (at < 0) return;
    waiting.splice(at, 1);
    wakeFirst();
    tellPlaces();
  };
  /** A place that came to nothing: first again, and not last. */
  const comeBack = (waiter: Waiter): void => {
    if (waiting.includes(waiter)) return;
    waiting.unshift(waiter);
    tellPlaces();
  };
  const wait = async <T>(
    claim: Claim<T>,
    signal: AbortSignal,
    onPlace: (place: number) => void,
  ): Promise<T> => {
    const waiter: Waiter = { onPlace, again: false, wake: () => undefined };
    waiting.push(waiter);
    tellPlaces();
    try {
      for (;;) {
        if (!waiter.again) await woken(waiter, everyMs, signal);
        waiter.again = false;
        if (waiting[0] !== waiter) continue;
        const claimed = await unlessFull(() => claim(() => leave(waiter)));
        if (claimed !== 'full') return claimed.value;
        comeBack(waiter);
      }
    } finally {
      leave(waiter);
    }
  };
  return {
    async take(claim, signal, onPlace) {
      if (waiting.length === 0) {
        const claimed = await unlessFull(() => claim(() => undefined));
        if (claimed !== 'full') return claimed.value;
      }
      return wait(claim, signal, onPlace);
    },
    freed: wakeFirst,
  };
}

async function unlessFull<T>(claim: () => Promise<T>): Promise<{ value: T } | 'full'> {
  try {
    return { value: await claim() };
  } catch (error) {
    if (error instanceof Problem && error.code === 'no-capacity') return 'full';
    throw error;
  }
}

function woken(waiter: Waiter, ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const end = (act: () => void) => () => {
      clearTimeout(timer);
      signal.removeEventListener('abort', aborted);
      act();
    };
    const aborted = end(() => {
      reject(signal.reason as Error);
    });
    const timer = setTimeout(end(resolve), ms);
    waiter.wake = end(resolve);
    if (signal.aborted) aborted();
    else signal.addEventListener('abort', aborted);
  });
}
