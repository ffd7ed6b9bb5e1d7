/** Somebody by the name that they have here, for operators; a wrong name is explained, with those it may be meant for. */
import { Login } from '../contract/names.ts';
import type { Store } from '../store/index.ts';
import type { Person } from './face.ts';
import { openPeople } from './login/people.ts';
import { loginNames } from './login-name.ts';

export type Known =
  | { readonly kind: 'found'; readonly person: Pick<Person, 'id' | 'login' | 'groups'> }
  | { readonly kind: 'unknown'; readonly why: string };
const MOST_NAMED = 5;

/** @param within opens the store for the work; null: there is none yet */
export async function findLogin(
  within: <T>(work: (store: Store) => Promise<T>) => Promise<T | null>,
  login: string,
): Promise<Known> {
  const answer = await within(async ({ db }) => {
    const person = await openPeople(db).called(login);
    if (person !== null) {
      const { id, groups } = person;
      return { kind: 'found', person: { id, login, groups } } as const;
    }
    const all = await db.selectFrom('people').select('login').orderBy('login').execute();
    return unknown(
      login,
      all.map((one) => one.login),
    );
  });
  return answer ?? unknown(login, []);
}

/** Pure. */
export function unknown(login: string, known: readonly string[]): Known {
  const meant = similar(login, known);
  const hint = meant.length === 0 ? '' : ` Did you mean ${meant.join(', ')}?`;
  return { kind: 'unknown', why: `${reason(login, known)}${hint}` };
}

function reason(login: string, known: readonly string[]): string {
  if (known.length === 0) return 'Nobody has signed in here yet.';
  if (login.includes('@')) return `${login} is an e-mail address; people are known by their short name here.`;
  if (!Login.safeParse(login).success)
    return `${login} is no name of somebody's here: those are at most 25 lower-case letters and digits.`;
  return `Nobody called ${login} has signed in here.`;
}

/** What the name would have become at a sign-in, and names that begin alike or differ by a letter. */
function similar(login: string, known: readonly string[]): readonly string[] {
  const [plain = ''] = loginNames(login.replace(/@.*$/, ''), 'a'.repeat(20));
  const near = (name: string): boolean =>
    name === plain ||
    (plain.length >= 3 && (name.startsWith(plain) || plain.startsWith(name))) ||
    oneApart(name, plain);
  return known.filter(near).slice(0, MOST_NAMED);
}

/** One letter more, less or other. */
function oneApart(a: string, b: string): boolean {
  if (Math.abs(a.length - b.length) > 1) return false;
  let same = 0;
  while (same < Math.min(a.length, b.length) && a[same] === b[same]) same += 1;
  const [restA, restB] = [a.slice(same), b.slice(same)];
  return restA.slice(1) === restB.slice(1) || restA.slice(1) === restB || restA === restB.slice(1);
}
