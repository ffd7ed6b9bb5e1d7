/** Questions to the lake's database as its superuser, through psql: no driver of our own for a dozen statements. */
import { userInfo } from 'node:os';
import { join } from 'node:path';
import type { LakePlace } from '../place.ts';
import { run } from '../../machine/run.ts';
import { postgresPrograms } from './programs.ts';
import { DATABASE_PORT, socketFolder } from './settings.ts';

/** Whoever the server runs as may do everything, by `peer`. */
export function superuser(place: LakePlace): string {
  return place.users.postgres ?? userInfo().username;
}

/** Words that make a program PostgreSQL's user. */
export function asPostgres(place: LakePlace): readonly string[] {
  const user = place.users.postgres;
  return user === null ? [] : ['setpriv', `--reuid=${user}`, `--regid=${user}`, '--init-groups'];
}

/**
 * @param variables stand as `:'name'` in the text, and are quoted by psql: never paste a value into SQL
 * @returns rows as lines, columns apart by tabs, without the last line feed. @throws Error with psql's words
 */
export async function sql(
  place: LakePlace,
  text: string,
  database = 'rucio',
  variables: Readonly<Record<string, string>> = {},
): Promise<string> {
  const psql = join(await postgresPrograms(), 'psql');
  const options = ['-X', '-q', '-A', '-t', '-F', '\t', '-v', 'ON_ERROR_STOP=1'];
  const where = [
    '-h',
    socketFolder(place),
    '-p',
    String(DATABASE_PORT),
    '-U',
    superuser(place),
    '-d',
    database,
  ];
  // all through standard input: with -c psql fills no variables in, and arguments are for everybody to read
  const given = Object.entries(variables).map(([name, value]) => `\\set ${name} ${quoted(value)}\n`);
  const answer = await run([...asPostgres(place), psql, ...options, ...where], {
    input: given.join('') + text,
  });
  return answer.replace(/\n$/, '');
}

/** As psql's \\set wants it. @throws RangeError for a line feed: the rest would be commands of psql's */
function quoted(value: string): string {
  if (/[\n\r\0]/.test(value)) throw new RangeError('a value for psql is one line');
  return `'${value.replaceAll('\\', '\\\\').replaceAll("'", "''")}'`;
}
