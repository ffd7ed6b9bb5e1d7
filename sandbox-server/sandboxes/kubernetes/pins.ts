/**
 * Certificates of warm pods, read while they are nobody's (cluster finding 4), so that a claim need not wait for it; and
 * each agent greeted once behind its pin: the first request to an agent costs it 30 to 160 ms of code it never ran, which
 * are then nobody's either.
 */
import { createTurns } from '../turns.ts';
import { fingerprintAt } from '../link/dial.ts';
import { AGENT_PORT } from './objects/names.ts';
import type { PodView } from './objects/pod.ts';

const AT_ONCE = 8;
const TRIES = 10;
const PAUSE_MS = 3_000;

/** asks the agent something that changes nothing */
export type Greet = (view: PodView, pin: string) => Promise<unknown>;

export interface Pins {
  /** reads it in the background, and greets; whoever claims sooner waits for the same reading, and for no greeting */
  look(view: PodView): void;
  /** known already, without waiting */
  known(uid: string): string | undefined;
  /** @throws Problem `agent-unreachable` */
  of(view: PodView): Promise<string>;
  forget(uid: string): void;
}

export function createPins(greet: Greet): Pins {
  const pins = new Map<string, string>();
  const reading = new Map<string, Promise<string>>();
  const greeted = new Set<string>();
  // each with turns of its own: a claim's reading stands behind no greeting
  const [readings, greetings] = [createTurns(AT_ONCE), createTurns(AT_ONCE)];

  const read = async (view: PodView): Promise<string> => {
    try {
      const pin = await readings.run(() => fingerprintAt({ host: view.ip ?? '', port: AGENT_PORT }));
      pins.set(view.uid, pin);
      return pin;
    } finally {
      reading.delete(view.uid);
    }
  };
  const of = (view: PodView): Promise<string> => {
    const known = view.pin ?? pins.get(view.uid);
    if (known !== undefined) return Promise.resolve(known);
    const going = reading.get(view.uid) ?? read(view);
    reading.set(view.uid, going);
    return going;
  };
  /** A node that is busy: again in a moment, for a pod that is nobody's yet; a claim asks by itself, and says what fails. */
  const look = (view: PodView, tries = TRIES): void =>
    void meet(view).catch(() => {
      if (tries > 1) setTimeout(() => look(view, tries - 1), PAUSE_MS).unref();
    });
  const meet = async (view: PodView): Promise<void> => {
    const pin = await of(view);
    if (greeted.has(view.uid)) return;
    greeted.add(view.uid);
    await greetings
      .run(() => greet(view, pin))
      .catch((error: unknown) => {
        greeted.delete(view.uid);
        throw error;
      });
  };
  return {
    look,
    known: (uid) => pins.get(uid),
    of,
    forget(uid) {
      pins.delete(uid);
      greeted.delete(uid);
    },
  };
}
