/** Events of one person to whoever listens for them: their tabs' one stream. */
import type { LearnerEvent } from '../contract/events.ts';
import type { Log } from '../telemetry/index.ts';

export type Listener = (event: LearnerEvent) => void;
export interface Hub {
  publish(person: string, event: LearnerEvent): void;
  /**
   * Hears everything from this call on; what `first` gives comes before it, in order.
   * Listeners are called at once and must keep their own bounded queue.
   */
  subscribe(
    person: string,
    listener: Listener,
    first: () => Promise<readonly LearnerEvent[]>,
  ): Promise<Disposable>;
  /** whom somebody listens for */
  listening(): readonly string[];
  close(): void;
}
/** what may gather while `first` is looked up (some ms); beyond it the newest are enough */
const MOST_HELD = 1000;

export function createHub(log: Log): Hub {
  const listeners = new Map<string, Set<Listener>>();
  const tell = (listener: Listener, event: LearnerEvent): void => {
    try {
      listener(event);
    } catch (error) {
      // one broken stream must not keep the others from hearing
      log.error({ err: error, event: event.type }, 'a listener of learner events failed');
    }
  };
  const add = (person: string, listener: Listener): Disposable => {
    const mine = listeners.get(person) ?? new Set();
    listeners.set(person, mine.add(listener));
    return {
      [Symbol.dispose]: () => void (mine.delete(listener) && mine.size === 0 && listeners.delete(person)),
    };
  };
  return {
    publish(person, event) {
      for (const listener of [...(listeners.get(person) ?? [])]) tell(listener, event);
    },
    async subscribe(person, listener, first) {
      const held: LearnerEvent[] = [];
      let through = (event: LearnerEvent): void => void (held.push(event) > MOST_HELD && held.shift());
      const subscription = add(person, (event) => {
        through(event);
      });
      try {
        for (const event of [...(await first()), ...held]) tell(listener, event);
      } catch (error) {
        subscription[Symbol.dispose]();
        throw error;
      }
      through = listener;
      return subscription;
    },
    listening: () => [...listeners.keys()],
    close() {
      listeners.clear();
    },
  };
}
