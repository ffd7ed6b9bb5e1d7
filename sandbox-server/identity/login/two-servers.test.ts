/** Logins at two servers of one database (finding 13): only on PostgreSQL. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { joinReplicas } from '../../replicas/index.ts';
import type { Replicas } from '../../replicas/face.ts';
import { until } from '../../replicas/testing/servers.ts';
import { openStore, type Store } from '../../store/index.ts';
import { onPostgres, testDatabase, type TestDatabase } from '../../store/testing/store.ts';
import { silentLog } from '../../telemetry/index.ts';
import type { Identity } from '../face.ts';
import { login, startTrial, tokens, type Trial } from '../testing/login.ts';

const HOUR = 3_600_000;
let trial: Trial;
let database: TestDatabase;
let servers: { identity: Identity; replicas: Replicas; store: Store }[];

describe.runIf(onPostgres)('a login at two servers', () => {
  beforeEach(async () => {
    database = await testDatabase();
    const stores = [await openStore(database.url), await openStore(database.url)] as const;
    trial = await startTrial({ store: stores[0] });
    servers = [];
    for (const store of stores) {
      const replicas = await joinReplicas(store, silentLog());
      await replicas.start({ begin: () => Promise.resolve(), cease: () => Promise.resolve() });
      servers.push({ identity: trial.again({ store, replicas }), replicas, store });
    }
  });
  afterEach(async () => {
    await trial.close();
    for (const { replicas, store } of servers) {
      await replicas.close();
      await store.close();
    }
    await database.drop();
  });
  const both = (): readonly [Identity, Identity] => {
    const [a, b] = servers;
    if (a === undefined || b === undefined) throw new Error('two were made');
    return [a.identity, b.identity];
  };

  it('is one: begun at the one, finished and known at the other', async () => {
    const [a, b] = both();
    const { location, flow } = await a.begin('/courses/');
    const of = (name: string) => location.searchParams.get(name) ?? '';
    trial.hostile.onToken = async () => tokens(await trial.hostile.idToken({ nonce: of('nonce') }));
    const back = new URL(`http://localhost:4747/auth/callback?code=code-1&state=${of('state')}`);
    const { cookie, signedIn } = await b.finish(back, flow);
    expect((await a.signedIn(cookie))?.person.id).toBe(signedIn.person.id);
    expect((await a.known(signedIn.session))?.person.login).toBe(signedIn.person.login);
    // T22 the flow was used up at both
    await expect(a.finish(back, flow)).rejects.toMatchObject({ code: 'not-signed-in' });
  });

  it('is renewed once for fifty requests at both at once: a rotating refresh token is never used twice', async () => {
    const [a, b] = both();
    const { cookie } = await login(trial);
    const spent = new Set<string>();
    let [renewals, reused] = [0, 0];
    trial.hostile.onToken = async ({ form }) => {
      const refresh = form.get('refresh_token') ?? '';
      reused += spent.has(refresh) ? 1 : 0;
      spent.add(refresh);
      renewals += 1;
      await new Promise((done) => setTimeout(done, 50));
      const n = String(renewals + 1);
      return tokens(await trial.hostile.idToken(), {
        access_token: `access-${n}`,
        refresh_token: `refresh-${n}`,
      });
    };
    for (const round of [1, 2]) {
      trial.clock.now += HOUR + 1;
      const asked = Array.from({ length: 50 }, (_, n) => (n % 2 === 0 ? a : b).signedIn(cookie));
      const answers = await Promise.all(asked);
      expect(answers.every((answer) => answer !== null)).toBe(true);
      expect({ renewals, reused }).toEqual({ renewals: round, reused: 0 });
    }
  });

  it('T10 ended at the one is over at the other at once, and its sockets there are told', async () => {
    const [a, b] = both();
    const { cookie, signedIn } = await login(trial);
    const told: string[] = [];
    using _listening = b.onSignedOut((session) => told.push(session));
    expect(await b.signedIn(cookie)).not.toBeNull();
    await a.signOut(cookie);
    expect(await b.signedIn(cookie)).toBeNull();
    await until(() => {
      expect(told).toEqual([signedIn.session]);
    }, 4000);
  });
});
