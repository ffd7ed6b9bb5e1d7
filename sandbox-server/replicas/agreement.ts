/** What all servers of a database must have alike, found out at the start and not by learners. */
import { createHash } from 'node:crypto';
import { Problem } from '../contract/errors.ts';
import type { Store } from '../store/index.ts';

/**
 * The first server writes down what it has (a hash), the others compare. Nothing to agree on with SQLite.
 * @throws Problem `unavailable` where another value is in use: logins made by one server would mean nothing to the next
 */
export async function agreeOn({ db, engine }: Store, name: string, secret: Buffer): Promise<void> {
  if (engine === 'sqlite') return;
  const value = createHash('sha256').update(`agreement\0${name}\0`).update(secret).digest('base64url');
  await db
    .insertInto('agreements')
    .values({ name, value })
    .onConflict((c) => c.doNothing())
    .execute();
  const { value: agreed } = await db
    .selectFrom('agreements')
    .select('value')
    .where('name', '=', name)
    .executeTakeFirstOrThrow();
  if (agreed === value) return;
  throw new Problem(
    'unavailable',
    `The ${name} (keys/ in the state folder) is not the one that servers of this database use. Give all of them the same ` +
      `keys folder. If the old key is lost: delete the row '${name}' of the table agreements, and everybody signs in again.`,
  );
}
