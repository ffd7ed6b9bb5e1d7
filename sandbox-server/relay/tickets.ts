/**
 * A browser's one-use permission to open one socket (finding 9): 256 random bits that live 30 seconds, of
 * which the store keeps the hash alone. Bound to session, lab, terminal and mode; spent by any use, a wrong
 * one too, so that a stolen ticket cannot be tried around.
 */
import { createHash, randomBytes } from 'node:crypto';
import { Problem } from '../contract/errors.ts';
import type { Store } from '../store/index.ts';

export type TicketMode = 'read' | 'write';
export interface TicketScope {
  readonly session: string;
  readonly lab: string;
  readonly terminal: string;
}
export interface Tickets {
  issue(scope: TicketScope, mode: TicketMode): Promise<{ ticket: string; expiresAt: number }>;
  /** @returns the mode it was issued for. Throws Problem `not-signed-in` for every ticket that is not good. */
  redeem(ticket: string | undefined, scope: TicketScope): Promise<TicketMode>;
}

export const TICKET_MS = 30_000;
const SWEEP_MS = 60_000;

export function createTickets({ store, clock = Date.now }: { store: Store; clock?: () => number }): Tickets {
  let sweptAt = 0;

  async function sweep(now: number): Promise<void> {
    if (now - sweptAt < SWEEP_MS) return;
    sweptAt = now;
    await store.db.deleteFrom('tickets').where('until', '<', now).execute();
  }

  return {
    async issue(scope, mode) {
      const now = clock();
      await sweep(now);
      const ticket = newSecret();
      const expiresAt = now + TICKET_MS;
      await store.db
        .insertInto('tickets')
        .values({ hash: hashOf(ticket), ...scope, mode, until: expiresAt })
        .execute();
      return { ticket, expiresAt };
    },

    async redeem(ticket, scope) {
      if (ticket === undefined) throw badTicket();
      const row = await store.db
        .deleteFrom('tickets')
        .where('hash', '=', hashOf(ticket))
        .returningAll()
        .executeTakeFirst();
      const good =
        row !== undefined &&
        row.until > clock() &&
        row.session === scope.session &&
        row.lab === scope.lab &&
        row.terminal === scope.terminal;
      if (!good) throw badTicket();
      return row.mode;
    },
  };
}

/** 43 base64url characters. */
export function newSecret(): string {
  return randomBytes(32).toString('base64url');
}
export function hashOf(secret: string): string {
  return createHash('sha256').update(secret).digest('base64url');
}
function badTicket(): Problem {
  return new Problem(
    'not-signed-in',
    'This ticket is not good any more. Fetch a fresh one and connect again.',
  );
}
