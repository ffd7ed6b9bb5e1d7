/** Who leads, from this server's side: looks, takes, renews, and stops believing in time where it cannot renew. */
import type { Log } from '../telemetry/index.ts';
import type { Role } from './face.ts';
import { RENEW_MS, type Lease } from './lease.ts';

export interface Lead {
  readonly leads: boolean;
  readonly term: number;
  start(role: Role): Promise<void>;
  /** the last leader went: look at once */
  look(): void;
  close(): Promise<void>;
}

/** @param onChange told when it may be another who leads */
export function createLead(lease: Lease, log: Log, onChange: () => void): Lead {
  let role: Role | null = null;
  let term = 0;
  let deadline = -Infinity;
  let seen = '';
  let timer: NodeJS.Timeout | undefined;
  let ending: NodeJS.Timeout | undefined;
  let closed = false;
  /** looks, beginnings and endings one after the other */
  let line: Promise<void> = Promise.resolve();

  const believes = (): boolean => term > 0 && performance.now() < deadline;
  const inLine = (work: () => Promise<void>): Promise<void> => {
    line = line.then(work).catch((error: unknown) => {
      log.warn({ err: error }, 'it could not be seen who leads');
    });
    return line;
  };
  const lasts = (until: number): void => {
    deadline = until;
    clearTimeout(ending);
    // the database may not answer at all: then the end comes by the clock
    ending = setTimeout(
      () => void inLine(ceaseUnlessHeld),
      Math.max(0, until - performance.now()) + 1,
    ).unref();
  };
  const ceaseUnlessHeld = async (): Promise<void> => {
    if (term > 0 && !believes()) await cease('it could not be renewed in time');
  };
  const cease = async (why: string): Promise<void> => {
    log.warn({ term, why }, 'this server leads no longer');
    term = 0;
    deadline = -Infinity;
    onChange();
    await role?.cease();
  };
  const lookNow = async (): Promise<void> => {
    // one that has not begun to take part has no role to play
    if (closed || role === null) return;
    if (term > 0) {
      const until = await lease.renew(term);
      if (until === null) await cease('another server took it');
      else lasts(until);
      return;
    }
    const held = await lease.take();
    if (held !== null) {
      begin(held.term, held.deadline);
      return;
    }
    const other = await lease.holder();
    const now = other === null ? '' : `${other.holder} ${String(other.term)}`;
    if (now !== seen) onChange();
    seen = now;
  };
  const begin = (newTerm: number, until: number): void => {
    term = newTerm;
    lasts(until);
    seen = '';
    log.info({ term }, 'this server leads');
    onChange();
    // renewals go on beside it: finding labs again may take longer than a lease
    begun = begun
      .then(() => role?.begin())
      .catch((error: unknown) => {
        log.error({ err: error, term }, 'this server leads, and could not begin');
      });
  };
  let begun: Promise<void> = Promise.resolve();

  const again = (): void => {
    if (closed) return;
    // not in step with the others
    timer = setTimeout(
      () => void inLine(lookNow).finally(again),
      RENEW_MS * (0.8 + 0.4 * Math.random()),
    ).unref();
  };

  return {
    get leads() {
      return believes();
    },
    get term() {
      return term;
    },
    async start(given) {
      role = given;
      await inLine(lookNow);
      again();
      await begun;
    },
    look() {
      void inLine(lookNow);
    },
    async close() {
      closed = true;
      clearTimeout(timer);
      clearTimeout(ending);
      await line;
      const held = term;
      term = 0;
      if (held > 0) await lease.release(held).catch(() => undefined); // it ends by itself
    },
  };
}
