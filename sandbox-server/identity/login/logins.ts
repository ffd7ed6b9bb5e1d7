/** Live logins: fresh enough to be believed, ended once the provider says so, and each ending told. */
import type { Clock } from './clock.ts';
import type { Renew } from './renewal.ts';
import type { Session, Sessions } from './sessions.ts';
import type { Turns } from './turns.ts';

type Ended = (session: string, person: string) => void;
/** the same at other servers */
export interface Others {
  tell: Ended;
  hear(listener: Ended): Disposable;
}

export interface Logins {
  /** @returns the login, renewed where its access token has run out; null where it is over */
  live(id: string): Promise<Session | null>;
  /**
   * Work with an access token that lives at least another `forMs`; nobody renews meanwhile.
   * @returns null where the login is over, `later` where it could not be renewed just now
   */
  withAccess<T>(
    id: string,
    forMs: number,
    work: (session: Session) => Promise<T>,
  ): Promise<{ value: T } | null | 'later'>;
  end(id: string): Promise<Session | null>;
  onEnded(listener: Ended): Disposable;
  /** end what is over, renew what soon will be: sockets of a person without requests end in time too (T27) */
  sweep(): Promise<void>;
  /** hear of other servers no longer */
  close(): void;
}
/** Renewed this long before its end by the sweep, so that a request seldom has to wait for it. */
const AHEAD_MS = 90_000;

export function logins(deps: {
  sessions: Sessions;
  renew: Renew;
  turns: Turns;
  clock: Clock;
  others: Others;
}): Logins {
  const { sessions, renew, turns, clock, others } = deps;
  const listeners = new Set<Ended>();

  const end = async (id: string): Promise<Session | null> => {
    const session = await sessions.get(id);
    if ((await sessions.remove(id)) && session !== null) {
      tellAll(id, session.person);
      others.tell(id, session.person);
    }
    return session;
  };
  const tellAll: Ended = (id, person) => {
    for (const tell of listeners) tell(id, person);
  };
  const hearing = others.hear(tellAll);
  const over = async (id: string): Promise<null> => {
    await end(id);
    return null;
  };
  /** inside its turn: the session with at least `forMs` left */
  const fresh = async (id: string, forMs: number): Promise<Session | null | 'later'> => {
    const session = await sessions.get(id);
    if (session === null || session.until <= clock()) return over(id);
    if (session.tokens.accessUntil > clock() + forMs) return session;
    const renewed = await renew(session);
    if (renewed.state === 'over') return over(id);
    return renewed.state === 'later' ? 'later' : renewed.session;
  };
  const live = async (id: string): Promise<Session | null> => {
    const session = await sessions.get(id);
    if (session !== null && Math.min(session.until, session.tokens.accessUntil) > clock()) return session;
    if (session === null) return null;
    const renewed = await turns.take(id, () => fresh(id, 0));
    return renewed === 'later' ? session : renewed;
  };

  return {
    live,
    withAccess: (id, forMs, work) =>
      turns.take(id, async () => {
        const session = await fresh(id, forMs);
        return session === null || session === 'later' ? session : { value: await work(session) };
      }),
    end: (id) => turns.take(id, () => end(id)),
    onEnded: (listener) => {
      listeners.add(listener);
      return { [Symbol.dispose]: () => void listeners.delete(listener) };
    },
    sweep: async () => {
      const due = await sessions.due(clock(), clock() + AHEAD_MS);
      for (const { id } of due) await turns.take(id, () => fresh(id, AHEAD_MS));
    },
    close: () => {
      hearing[Symbol.dispose]();
    },
  };
}
