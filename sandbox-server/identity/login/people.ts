/** Everybody who ever signed in: found by the hash of (iss, sub), their login name given once and kept. */
import type { Kysely } from 'kysely';
import { z } from 'zod';
import { Problem } from '../../contract/errors.ts';
import type { PersonRow, Schema } from '../../store/index.ts';
import type { Claimed } from '../claims.ts';
import type { Person } from '../face.ts';
import { loginNames } from '../login-name.ts';
import { personId } from '../person-id.ts';

const Groups = z.array(z.string());

export interface People {
  find(id: string): Promise<Person | null>;
  /** by the short name that they have here */
  called(login: string): Promise<Person | null>;
  /** creates, or brings name, e-mail and groups up to date */
  welcome(claimed: Claimed, now: number): Promise<Person>;
  regroup(id: string, groups: readonly string[], now: number): Promise<void>;
}

export function openPeople(db: Kysely<Schema>): People {
  const row = (id: string) => db.selectFrom('people').selectAll().where('id', '=', id).executeTakeFirst();
  return {
    find: async (id) => {
      const found = await row(id);
      return found === undefined ? null : personOf(found);
    },
    called: async (login) => {
      const found = await db.selectFrom('people').selectAll().where('login', '=', login).executeTakeFirst();
      return found === undefined ? null : personOf(found);
    },
    welcome: async (claimed, now) => {
      const id = personId(claimed.issuer, claimed.subject);
      if ((await row(id)) === undefined) await enter(db, id, claimed, now);
      const fresh = {
        name: claimed.name,
        email: claimed.email,
        groups: JSON.stringify(claimed.groups),
        seen_at: now,
      };
      const updated = await db
        .updateTable('people')
        .set(fresh)
        .where('id', '=', id)
        .returningAll()
        .executeTakeFirstOrThrow();
      return personOf(updated);
    },
    regroup: async (id, groups, now) => {
      await db
        .updateTable('people')
        .set({ groups: JSON.stringify(groups), seen_at: now })
        .where('id', '=', id)
        .execute();
    },
  };
}

/** The first free name wins; a person who enters twice at once enters once. */
async function enter(db: Kysely<Schema>, id: string, claimed: Claimed, now: number): Promise<void> {
  for (const login of loginNames(claimed.username, id)) {
    const person = {
      id,
      iss: claimed.issuer,
      sub: claimed.subject,
      login,
      name: claimed.name,
      email: claimed.email,
      groups: '[]',
      seen_at: now,
    };
    await db
      .insertInto('people')
      .values(person)
      .onConflict((c) => c.doNothing())
      .execute();
    const entered = await db.selectFrom('people').select('id').where('id', '=', id).executeTakeFirst();
    if (entered !== undefined) return;
  }
  throw new Problem('internal', 'No login name could be found for you. Please tell the operator.', {
    details: { person: id },
  });
}

function personOf(row: Pick<PersonRow, 'id' | 'login' | 'name' | 'email' | 'groups' | 'sub'>): Person {
  return {
    id: row.id,
    login: row.login,
    name: row.name,
    email: row.email,
    groups: Groups.parse(JSON.parse(row.groups)),
    subject: row.sub,
  };
}
