/** Letting hours pass for what a learner has put on the way out: removed rules wait an hour, removed files a day. */
import type { LakePlace } from '../place.ts';
import { sql } from '../postgres/sql.ts';
import { scopeOf } from './admission.ts';

/** @returns how many rules, data identifiers and replicas came nearer to their end */
export async function forward(place: LakePlace, user: string, hours: number): Promise<readonly number[]> {
  const counts = await sql(
    place,
    `with r as (update rules set expires_at = expires_at - :'span'::interval
  where account = :'user' and expires_at is not null returning 1),
d as (update dids set expired_at = expired_at - :'span'::interval
  where scope = :'scope' and expired_at is not null returning 1),
t as (update replicas set tombstone = tombstone - :'span'::interval
  where scope = :'scope' and tombstone > '1980-01-01' returning 1)
select (select count(*) from r), (select count(*) from d), (select count(*) from t);`,
    'rucio',
    { user, scope: scopeOf(user), span: `${hours} hours` },
  );
  return counts.split('\t').map(Number);
}
