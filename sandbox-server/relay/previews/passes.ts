/**
 * Who may see a preview: a one-use ticket in the address opens the door (an iframe on another site brings
 * no other cookie, finding 14), a short cookie of the preview's own origin keeps it open. Both are rows of
 * `tickets` whose `terminal` no terminal can be called; so passes outlive the server and end with the login.
 */
import { hashOf, newSecret, TICKET_MS } from '../tickets.ts';
import type { Store } from '../../store/index.ts';

export interface Pass {
  readonly session: string;
  readonly lab: string;
}
export interface Passes {
  /** @returns a ticket for the address, good once within 30 s */
  ticket(pass: Pass, port: number): Promise<string>;
  /** spend a ticket. @returns the cookie's value, or null where the ticket is not good. */
  enter(ticket: string, port: number): Promise<string | null>;
  /** @returns whose pass it is and whether it was renewed (then the cookie is to be sent again), or null. */
  check(cookie: string | undefined, port: number): Promise<(Pass & { readonly renewed: boolean }) | null>;
}
/** How long a cookie lives, ms; renewed by use in its second half. */
export const PASS_MS = 3_600_000;

export function createPasses(store: Store, clock: () => number): Passes {
  const { db } = store;
  const add = async (pass: Pass, terminal: string, until: number): Promise<string> => {
    const secret = newSecret();
    const row = {
      hash: hashOf(secret),
      lab: pass.lab,
      session: pass.session,
      terminal,
      mode: 'read',
      until,
    } as const;
    await db.insertInto('tickets').values(row).execute();
    return secret;
  };
  /** A login that ended, here or in another process, ends its previews. */
  const live = async (session: string): Promise<boolean> => {
    const row = await db
      .selectFrom('sessions')
      .select('until')
      .where('hash', '=', session)
      .executeTakeFirst();
    return row !== undefined && row.until > clock();
  };

  return {
    ticket: (pass, port) => add(pass, `preview-ticket:${port}`, clock() + TICKET_MS),

    async enter(ticket, port) {
      const row = await db
        .deleteFrom('tickets')
        .where('hash', '=', hashOf(ticket))
        .returningAll()
        .executeTakeFirst();
      const good = row !== undefined && row.terminal === `preview-ticket:${port}` && row.until > clock();
      if (!good || !(await live(row.session))) return null;
      return add(row, `preview:${port}`, clock() + PASS_MS);
    },

    async check(cookie, port) {
      if (cookie === undefined) return null;
      const hash = hashOf(cookie);
      const row = await db.selectFrom('tickets').selectAll().where('hash', '=', hash).executeTakeFirst();
      const good = row !== undefined && row.terminal === `preview:${port}` && row.until > clock();
      if (!good || !(await live(row.session))) return null;
      const renewed = row.until - clock() < PASS_MS / 2;
      if (renewed)
        await db
          .updateTable('tickets')
          .set({ until: clock() + PASS_MS })
          .where('hash', '=', hash)
          .execute();
      return { session: row.session, lab: row.lab, renewed };
    },
  };
}
