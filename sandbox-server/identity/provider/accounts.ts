/** Who can sign in at the development provider: three personas, and whoever registers. */
import type { Database } from 'better-sqlite3';
import { createHash } from 'node:crypto';
import { z } from 'zod';
import { Login } from '../../contract/names.ts';

export interface Account {
  readonly sub: string;
  readonly username: string;
  readonly name: string;
  readonly email: string;
  /** full paths without a leading slash */
  readonly groups: readonly string[];
}
export interface Persona extends Account {
  /** what the sign-in page says below the name */
  readonly who: string;
}

const MEMBER: readonly string[] = ['icsc', 'icsc/users'];
export const PERSONAS: readonly Persona[] = [
  persona('ada', 'Ada Lovelace', 'Learner: takes courses', []),
  persona('enrico', 'Enrico Fermi', 'Instructor: runs a class and sees its room', [
    'icsc/palestra/instructors',
  ]),
  persona('emmy', 'Emmy Noether', 'Author: writes lessons and previews them', ['icsc/palestra/authors']),
];

/** The registration form, and what a script posts. An absent name is the user name. */
export const Registration = z.object({
  username: z.string().trim().toLowerCase().pipe(Login),
  name: z.string().trim().max(100).default(''),
});
export type Registration = z.infer<typeof Registration>;

export interface Accounts {
  find(sub: string): Account | undefined;
  /**
   * Registers, or finds who registered under this user name before. There are no passwords here.
   * @returns null where the user name is a persona's: its groups are taken by a click, never by a form
   */
  register(registration: Registration): Account | null;
}

/** Registrations live in `database` and survive a restart; personas do not need to. */
export function openAccounts(database: Database): Accounts {
  database.exec(
    'create table if not exists accounts (sub text primary key, username text not null unique, name text not null) strict',
  );
  const bySub = database.prepare<[string], Row>('select sub, username, name from accounts where sub = ?');
  const byName = database.prepare<[string], Row>(
    'select sub, username, name from accounts where username = ?',
  );
  const insert = database.prepare<[string, string, string]>(
    'insert into accounts values (?, ?, ?) on conflict (username) do nothing',
  );
  return {
    find: (sub) => PERSONAS.find((p) => p.sub === sub) ?? accountOf(bySub.get(sub)),
    register({ username, name }) {
      if (PERSONAS.some((p) => p.username === username)) return null;
      insert.run(subjectOf(username), username, name === '' ? username : name);
      return accountOf(byName.get(username)) ?? null;
    },
  };
}

interface Row {
  readonly sub: string;
  readonly username: string;
  readonly name: string;
}
function accountOf(row: Row | undefined): Account | undefined {
  return row && { ...row, email: `${row.username}@palestra.example`, groups: MEMBER };
}

function persona(username: string, name: string, who: string, groups: readonly string[]): Persona {
  return {
    sub: subjectOf(username),
    username,
    name,
    who,
    email: `${username}@palestra.example`,
    groups: [...MEMBER, ...groups],
  };
}

/** A UUID, as IAM's subjects are; of the user name, so that removing the state folder leaves people who they were. */
function subjectOf(username: string): string {
  const hex = createHash('sha256').update(`palestra development provider\0${username}`).digest('hex');
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-8${hex.slice(13, 16)}-a${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
}
