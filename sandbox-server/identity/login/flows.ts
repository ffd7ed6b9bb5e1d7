/** Sign-ins on their way: what must be the same when the browser comes back, good once and for ten minutes. */
import type { Kysely } from 'kysely';
import * as openid from 'openid-client';
import type { Schema } from '../../store/index.ts';
import { seal, unseal } from '../sealed.ts';
import type { Clock } from './clock.ts';
import { hashOf, randomSecret } from './random.ts';

const LIFE_MS = 10 * 60_000;

export interface Flow {
  /** the value of the short cookie: ties the callback to the browser that began (T23) */
  readonly cookie: string;
  /** follows from the cookie, so that it need not be kept */
  readonly state: string;
  readonly nonce: string;
  readonly verifier: string;
  readonly next: string;
}
export interface Flows {
  begin(next: string): Promise<Flow>;
  /** @returns the flow once, then never again; null where there is none or it is too old */
  take(cookie: string): Promise<Flow | null>;
}

export function stateOf(cookie: string): string {
  return hashOf('state', cookie);
}

export function openFlows(db: Kysely<Schema>, key: Buffer, clock: Clock): Flows {
  const rowOf = (cookie: string) => hashOf('flow', stateOf(cookie));
  return {
    begin: async (next) => {
      const cookie = randomSecret();
      const flow = {
        cookie,
        state: stateOf(cookie),
        nonce: openid.randomNonce(),
        verifier: openid.randomPKCECodeVerifier(),
        next,
      };
      const row = rowOf(cookie);
      const values = {
        state: row,
        nonce: flow.nonce,
        verifier: seal(key, `${row}/verifier`, flow.verifier),
        next,
        until: clock() + LIFE_MS,
      };
      await db.deleteFrom('flows').where('until', '<=', clock()).execute();
      await db.insertInto('flows').values(values).execute();
      return flow;
    },
    take: async (cookie) => {
      const row = await db
        .deleteFrom('flows')
        .where('state', '=', rowOf(cookie))
        .returningAll()
        .executeTakeFirst();
      if (row === undefined || row.until <= clock()) return null;
      const verifier = unseal(key, `${row.state}/verifier`, row.verifier);
      return verifier === null
        ? null
        : { cookie, state: stateOf(cookie), nonce: row.nonce, verifier, next: row.next };
    },
  };
}
