/** One session a lab and sandbox: made when first needed, closed with the lab, made anew for another sandbox. */
import type { OpenLab } from '../labs/face.ts';
import type { Session } from './session.ts';

export interface Sessions {
  of(open: OpenLab): Promise<Session>;
  /** those that are open now */
  all(): Promise<readonly Session[]>;
  close(lab: string): void;
  closeAll(): void;
}
interface Entry {
  readonly sandbox: string;
  readonly session: Promise<Session>;
}

export function createSessions(make: (open: OpenLab) => Promise<Session>): Sessions {
  const entries = new Map<string, Entry>();
  const close = (lab: string): void => {
    const entry = entries.get(lab);
    entries.delete(lab);
    entry?.session.then(
      (session) => {
        session[Symbol.dispose]();
      },
      () => undefined, // it never opened: whoever asked for it was told
    );
  };
  const open = (lab: OpenLab): Promise<Session> => {
    close(lab.lab.id);
    const session = make(lab);
    const entry = { sandbox: lab.sandbox.id, session };
    entries.set(lab.lab.id, entry);
    // a session that could not be opened is tried again by the next who asks
    session.catch(() => {
      if (entries.get(lab.lab.id) === entry) entries.delete(lab.lab.id);
    });
    return session;
  };
  return {
    of(lab) {
      const entry = entries.get(lab.lab.id);
      return entry?.sandbox === lab.sandbox.id ? entry.session : open(lab);
    },
    async all() {
      const each = await Promise.allSettled([...entries.values()].map(({ session }) => session));
      return each.flatMap((settled) => (settled.status === 'fulfilled' ? [settled.value] : []));
    },
    close,
    closeAll() {
      for (const lab of [...entries.keys()]) close(lab);
    },
  };
}
