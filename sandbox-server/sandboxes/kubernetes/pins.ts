/** Certificates of warm pods, read while they are nobody's (cluster finding 4), so that a claim need not wait for it. */
import { createTurns } from '../turns.ts';
import { fingerprintAt } from '../link/dial.ts';
import { AGENT_PORT } from './objects/names.ts';
import type { PodView } from './objects/pod.ts';

const AT_ONCE = 8;
const TRIES = 10;
const PAUSE_MS = 3_000;

export interface Pins {
  /** reads it in the background; whoever claims sooner waits for the same reading */
  look(view: PodView): void;
  /** known already, without waiting */
  known(uid: string): string | undefined;
  /** @throws Problem `agent-unreachable` */
  of(view: PodView): Promise<string>;
  forget(uid: string): void;
}

export function createPins(): Pins {
  const pins = new Map<string, string>();
  const reading = new Map<string, Promise<string>>();
  const turns = createTurns(AT_ONCE);

  const read = async (view: PodView): Promise<string> => {
    try {
      const pin = await turns.run(() => fingerprintAt({ host: view.ip ?? '', port: AGENT_PORT }));
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
    void of(view).catch(() => {
      if (tries > 1) setTimeout(() => look(view, tries - 1), PAUSE_MS).unref();
    });
  return {
    look,
    known: (uid) => pins.get(uid),
    of,
    forget(uid) {
      pins.delete(uid);
    },
  };
}
