/** Logins: the cookie's hash and the provider's tokens, sealed; the cookie itself is nowhere but in the browser. */
import type { Kysely } from 'kysely';
import type { Schema, SessionRow } from '../../store/index.ts';
import { seal, unseal } from '../sealed.ts';
import { hashOf, randomSecret } from './random.ts';
import type { TokenSet } from './token-set.ts';

/** However often it is renewed, a login ends after a working day. */
export const SESSION_MS = 12 * 3600_000;

export interface Session {
  /** the hash: names the session, opens nothing */
  readonly id: string;
  readonly person: string;
  readonly until: number;
  /** the provider's subject, for a renewal that must not become somebody else */
  readonly subject: string;
  readonly tokens: TokenSet;
}
export interface Sessions {
  /** @returns the cookie's value, told once */
  create(
    person: string,
    subject: string,
    tokens: TokenSet,
    now: number,
  ): Promise<{ cookie: string; session: Session }>;
  get(id: string): Promise<Session | null>;
  /** newest first, not yet over */
  ofPerson(person: string, now: number): Promise<readonly Session[]>;
  keep(id: string, tokens: TokenSet): Promise<void>;
  /** @returns whether it was there */
  remove(id: string): Promise<boolean>;
  /** over, or with an access token that ends before `renewBefore` */
  due(now: number, renewBefore: number): Promise<readonly { id: string; person: string; until: number }[]>;
}

export function sessionId(cookie: string): string {
  return hashOf('session', cookie);
}

export function openSessions(db: Kysely<Schema>, key: Buffer): Sessions {
  const sealed = (id: string, tokens: TokenSet) => ({
    access_token: seal(key, `${id}/access`, tokens.access),
    refresh_token: tokens.refresh === null ? null : seal(key, `${id}/refresh`, tokens.refresh),
    access_until: tokens.accessUntil,
    scope: tokens.scope,
  });
  const opened = (row: SessionRow): Session | null => openedWith(key, row);

  return {
    create: async (person, subject, tokens, now) => {
      const cookie = randomSecret();
      const id = sessionId(cookie);
      // without a refresh token nothing tells when the person's groups change: the login ends with the token (T27)
      const until =
        tokens.refresh === null ? Math.min(tokens.accessUntil, now + SESSION_MS) : now + SESSION_MS;
      const row = { hash: id, person, created_at: now, until, id_token_sub: subject, ...sealed(id, tokens) };
      await db.insertInto('sessions').values(row).execute();
      return { cookie, session: { id, person, until, subject, tokens } };
    },
    get: async (id) => {
      const row = await db.selectFrom('sessions').selectAll().where('hash', '=', id).executeTakeFirst();
      return row === undefined ? null : opened(row);
    },
    ofPerson: async (person, now) => {
      const query = db
        .selectFrom('sessions')
        .selectAll()
        .where('person', '=', person)
        .where('until', '>', now);
      const rows = await query.orderBy('created_at', 'desc').limit(5).execute();
      return rows.map(opened).filter((session) => session !== null);
    },
    keep: async (id, tokens) => {
      await db.updateTable('sessions').set(sealed(id, tokens)).where('hash', '=', id).execute();
    },
    remove: async (id) => {
      const gone = await db.deleteFrom('sessions').where('hash', '=', id).executeTakeFirst();
      return gone.numDeletedRows > 0n;
    },
    due: async (now, renewBefore) => {
      const query = db.selectFrom('sessions').select(['hash as id', 'person', 'until']);
      return query.where((e) => e.or([e('until', '<=', now), e('access_until', '<', renewBefore)])).execute();
    },
  };
}

/** null where the key is another than the one it was sealed with: nobody can use it any more. */
function openedWith(key: Buffer, row: SessionRow): Session | null {
  const open = (column: string, text: string | null) =>
    text === null ? null : unseal(key, `${row.hash}/${column}`, text);
  const access = open('access', row.access_token);
  const refresh = open('refresh', row.refresh_token);
  if (access === null || (refresh === null && row.refresh_token !== null)) return null;
  const tokens = { access, refresh, accessUntil: row.access_until ?? 0, scope: row.scope ?? '' };
  return { id: row.hash, person: row.person, until: row.until, subject: row.id_token_sub ?? '', tokens };
}
