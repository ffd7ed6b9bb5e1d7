/** A learner's place in Rucio: account, identity, scope, quota. */
import { Problem } from '../../../sandbox-server/contract/errors.ts';
import { forgetLearner } from '../elements/faults.ts';
import type { LakePlace } from '../place.ts';
import { sql } from '../postgres/sql.ts';
import type { Rucio } from '../rucio/rest.ts';

/** bytes on each element */
const QUOTA = 50_000_000;

export interface Admitted {
  readonly account: string;
  readonly scope: string;
  readonly quota: Readonly<Record<string, number>>;
}
export interface Learner {
  /** parsed as Login: also the account, at most 25 characters */
  readonly user: string;
  readonly sub: string;
}

export interface Admission {
  /** The same again is answered the same, and quickly. @throws Problem `conflict` for another person's login */
  admit(learner: Learner): Promise<Admitted>;
  /** Stored files and faults go now, what Rucio knows of them with its daemons' next round; the account is closed. */
  dismiss(user: string): Promise<void>;
  /** @returns null for one who was never admitted */
  subjectOf(user: string): Promise<string | null>;
}

export function createAdmission(place: LakePlace, rucio: Rucio): Admission {
  const known = new Map<string, Promise<Admitted>>();

  const make = async ({ user, sub }: Learner): Promise<Admitted> => {
    const identity = identityOf(place, sub);
    await rucio.call('POST', `/accounts/${user}`, { type: 'USER', email: emailOf(user) }, ['Duplicate']);
    // of one who was dismissed; Rucio tells nothing of an account that is not active
    await rucio.call('PUT', `/accounts/${user}`, { status: 'ACTIVE' });
    await refuseStranger(rucio, user, identity);
    await Promise.all([
      rucio.call(
        'POST',
        `/accounts/${user}/identities`,
        { identity, authtype: 'OIDC', email: emailOf(user), default: true },
        ['Duplicate'],
      ),
      rucio.call('POST', `/accounts/${user}/scopes/${scopeOf(user)}`, undefined, ['Duplicate']),
      ...place.elements.map(({ rse }) =>
        rucio.call('POST', `/accountlimits/local/${user}/${rse}`, { bytes: QUOTA }),
      ),
    ]);
    return admitted(place, user);
  };

  return {
    async admit(learner) {
      const key = `${learner.user} ${learner.sub}`;
      const making = known.get(key) ?? make(learner);
      known.set(key, making);
      try {
        return await making;
      } catch (error) {
        known.delete(key);
        throw error;
      }
    },
    async dismiss(user) {
      for (const key of known.keys()) if (key.startsWith(`${user} `)) known.delete(key);
      await close(place, user);
      await forgetLearner(place, user);
    },
    subjectOf: (user) => subjectOf(place, user),
  };
}

export const scopeOf = (user: string): string => `user.${user}`;

function identityOf(place: LakePlace, sub: string): string {
  return `SUB=${sub}, ISS=${place.issuer}`;
}

function emailOf(user: string): string {
  return `${user}@palestra.test`;
}

function admitted(place: LakePlace, user: string): Admitted {
  const quota = Object.fromEntries(place.elements.map(({ rse }) => [rse, QUOTA]));
  return { account: user, scope: scopeOf(user), quota };
}

/** Logins are chosen by the server; one that comes again with another subject would open somebody's data. */
async function refuseStranger(rucio: Rucio, user: string, identity: string): Promise<void> {
  const lines = (await rucio.call('GET', `/accounts/${user}/identities`))
    .split('\n')
    .filter((line) => line !== '');
  const found = lines.map((line) => JSON.parse(line) as { identity: string; type: string });
  if (found.every((one) => one.type !== 'OIDC' || one.identity === identity)) return;
  throw new Problem(
    'conflict',
    `The data lake's account ${user} belongs to another person of that name. Ask whoever runs this platform to dismiss it first.`,
  );
}

async function subjectOf(place: LakePlace, user: string): Promise<string | null> {
  const found = await sql(place, "select identity from account_map where account = :'user'", 'rucio', {
    user,
  });
  return /^SUB=(.*), ISS=/.exec(found)?.[1] ?? null;
}

/**
 * Through the database: what is theirs ends now and not in an hour (a removed rule) or a day (a removed file). The
 * daemons see it in their next round: rules, then files on the elements.
 */
async function close(place: LakePlace, user: string): Promise<void> {
  await sql(
    place,
    `begin;
update rules set expires_at = now() at time zone 'utc', purge_replicas = true, locked = false where account = :'user';
update dids set expired_at = now() at time zone 'utc', purge_replicas = true where scope = :'scope';
delete from tokens where account = :'user';
delete from account_map where account = :'user';
update accounts set status = 'SUSPENDED', suspended_at = now() at time zone 'utc' where account = :'user';
commit;`,
    'rucio',
    { user, scope: scopeOf(user) },
  );
}
