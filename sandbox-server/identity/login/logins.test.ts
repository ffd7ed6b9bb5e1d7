/** From the session's cookie to the person: groups, renewal, sign-out, and what lies in the database. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { begin, callback, login, startTrial, tokens, type Trial } from '../testing/login.ts';
import { SESSION_MS } from './sessions.ts';

const HOUR = 3600_000;
let trial: Trial;
beforeEach(async () => {
  trial = await startTrial();
});
afterEach(async () => {
  expect(trial.logged()).not.toMatch(/eyJ|access-\d|refresh-\d/);
  await trial.close();
});

/** Answers renewals with rotating tokens; counts, and refuses a spent one as IAM does. */
function rotating(claims: Record<string, unknown> = {}, pause = 0) {
  const state = { renewals: 0, spent: new Set<string>(), reused: 0 };
  trial.hostile.onToken = async ({ form }) => {
    const refresh = form.get('refresh_token') ?? '';
    if (state.spent.has(refresh)) {
      state.reused += 1;
      return {
        status: 401,
        body: { error: 'invalid_token', error_description: `Invalid refresh token: ${refresh}` },
      };
    }
    state.spent.add(refresh);
    state.renewals += 1;
    await new Promise((done) => setTimeout(done, pause));
    const n = state.renewals + 1;
    return tokens(await trial.hostile.idToken(claims), {
      access_token: `access-${n}`,
      refresh_token: `refresh-${n}`,
    });
  };
  return state;
}

describe('groups', () => {
  it('T25 matches whole paths only', async () => {
    const { signedIn } = await login(trial, {
      groups: [
        'icsc/palestra/instructors-x',
        'ICSC/palestra/instructors',
        '//icsc/palestra/authors',
        'icsc/palestra/authors/',
        'palestra/authors',
        'icsc',
      ],
    });
    expect(signedIn.entitlements.roles).toEqual(['learner']);
    expect(signedIn.entitlements.labs).toBe(3);
    expect(signedIn.entitlements.mayTake(['icsc'])).toBe(true);
    expect(signedIn.entitlements.mayTake(['icsc/palestra/authors'])).toBe(false);
  });
  it('T25 takes one leading slash away, as Keycloak and the wlcg profile write it', async () => {
    const { signedIn } = await login(trial, { groups: ['/icsc/palestra/authors', '/icsc'] });
    expect(signedIn.person.groups).toEqual(['icsc', 'icsc/palestra/authors']);
    expect(signedIn.entitlements).toMatchObject({ roles: ['learner', 'author'], labs: 6 });
  });
  it('T25 holds with 10,000 groups', async () => {
    const many = Array.from({ length: 10_000 }, (_, i) => `/icsc/palestra/instructors/${i}`);
    const crowd = await login(trial, { groups: many });
    expect(crowd.signedIn.person.groups).toHaveLength(10_000);
    expect(crowd.signedIn.entitlements.roles).toEqual(['learner']);
    const found = await login(trial, { groups: [...many, '/icsc/palestra/instructors'] });
    expect(found.signedIn.entitlements.roles).toContain('instructor');
  });
  it.each([undefined, null, 'icsc/palestra/authors', { 0: 'icsc/palestra/authors' }, [7, null, '']])(
    'T25 takes the claim %j for no groups',
    async (groups) => {
      const { signedIn } = await login(trial, { groups });
      expect(signedIn.person.groups).toEqual([]);
      expect(signedIn.entitlements.roles).toEqual(['learner']);
    },
  );
  it('reads wlcg.groups where configured', async () => {
    const wlcg = await startTrial({ oidc: { groupsClaim: 'wlcg.groups' } });
    const { signedIn } = await login(wlcg, {
      groups: ['icsc/palestra/authors'],
      'wlcg.groups': ['/icsc/palestra/instructors'],
    });
    expect(signedIn.person.groups).toEqual(['icsc/palestra/instructors']);
    await wlcg.close();
  });
});

describe('who somebody is', () => {
  it('T26 makes a new identity of another subject with the same e-mail and user name', async () => {
    const one = await login(trial, { sub: 'one', email: 'ada@example.org' });
    const two = await login(trial, { sub: 'two', email: 'ada@example.org' });
    expect(two.signedIn.person.id).not.toBe(one.signedIn.person.id);
    expect([one, two].map((l) => l.signedIn.person.login)).toEqual([
      'ada',
      expect.stringMatching(/^ada[a-z2-7]{12}$/),
    ]);
  });
  it('knows the same subject again, also under another name, e-mail and user name; the login stays', async () => {
    const before = await login(trial, { email: 'ada@example.org' });
    const after = await login(trial, {
      email: 'countess@example.org',
      name: 'Ada, Countess of Lovelace',
      preferred_username: 'countess',
      groups: ['icsc'],
    });
    expect(after.signedIn.person).toEqual({
      ...before.signedIn.person,
      email: 'countess@example.org',
      name: 'Ada, Countess of Lovelace',
      groups: ['icsc'],
    });
    expect(await trial.identity.person(before.signedIn.person.id)).toEqual(after.signedIn.person);
  });
  it('welcomes somebody who enters twice at once, once', async () => {
    const flows = await Promise.all([1, 2, 3, 4, 5].map(() => begin(trial.identity)));
    const nonces = [...flows];
    const finished = [];
    for (const flow of flows) {
      trial.hostile.onToken = async ({ form }) =>
        tokens(await trial.hostile.idToken({ nonce: nonces[Number(form.get('code'))]?.nonce ?? '' }));
      finished.push(
        trial.identity.finish(callback(flow.state, { code: String(nonces.indexOf(flow)) }), flow.flow),
      );
    }
    const people = (await Promise.all(finished)).map((f) => f.signedIn.person);
    expect(new Set(people.map((p) => p.id)).size).toBe(1);
    expect(people[0]?.login).toBe('ada');
  });
  it('says who it is as the page wants it', async () => {
    const { signedIn } = await login(trial, { groups: ['icsc'], email: 'ada@example.org' });
    const { person, until } = signedIn;
    expect(trial.identity.me(signedIn)).toEqual({
      id: person.id,
      login: 'ada',
      name: 'Ada Lovelace',
      email: 'ada@example.org',
      groups: ['icsc'],
      roles: ['learner'],
      until,
    });
  });
  it('T66 shows no control characters and nothing without bound', async () => {
    const name = `\u001b[31mAda\u0000\r\nSet-Cookie: x\u202e${'x'.repeat(1_000_000)}`;
    const { signedIn } = await login(trial, { name, preferred_username: 'y'.repeat(1_000_000) });
    expect(signedIn.person.name).toMatch(/^\[31mAda Set-Cookie: x x+$/);
    expect(signedIn.person.name.length).toBeLessThanOrEqual(100);
    expect(signedIn.person.login).toBe('y'.repeat(25));
    expect(trial.logged().length).toBeLessThan(20_000);
  });
});

describe('the cookie', () => {
  it('opens its session and nothing else does', async () => {
    const { cookie, signedIn } = await login(trial);
    expect(await trial.identity.signedIn(cookie)).toMatchObject({
      session: signedIn.session,
      person: signedIn.person,
    });
    const others = [
      undefined,
      '',
      `${cookie}x`,
      cookie.slice(1),
      signedIn.session,
      'a'.repeat(43),
      `${cookie};`,
      'x'.repeat(1_000_000),
    ];
    for (const other of others) expect(await trial.identity.signedIn(other)).toBeNull();
  });
  it('stands nowhere in the database, and no token does', async () => {
    const { cookie, signedIn } = await login(trial);
    const pending = await begin(trial.identity);
    const rows = [
      await trial.store.db.selectFrom('sessions').selectAll().execute(),
      await trial.store.db.selectFrom('flows').selectAll().execute(),
    ];
    const text = JSON.stringify(rows);
    for (const secret of [cookie, 'access-1', 'refresh-1', pending.flow, pending.state])
      expect(text).not.toContain(secret);
    expect(text).toContain(signedIn.session);
  });
  it('cannot be used with the tokens of another row: they are sealed to their own', async () => {
    const [mine, theirs] = [await login(trial), await login(trial, { sub: 'two' })];
    const row = (id: string) =>
      trial.store.db.selectFrom('sessions').selectAll().where('hash', '=', id).executeTakeFirstOrThrow();
    const { access_token } = await row(theirs.signedIn.session);
    await trial.store.db
      .updateTable('sessions')
      .set({ access_token })
      .where('hash', '=', mine.signedIn.session)
      .execute();
    expect(await trial.identity.signedIn(mine.cookie)).toBeNull();
  });
  it('is good after a restart, and worthless under another key', async () => {
    const { cookie } = await login(trial);
    expect(await trial.again().signedIn(cookie)).not.toBeNull();
    expect(await trial.again({ secretKey: Buffer.alloc(32, 1) }).signedIn(cookie)).toBeNull();
  });
  it('ends after twelve hours however often it is renewed', async () => {
    const { cookie, signedIn } = await login(trial);
    rotating();
    expect(signedIn.until).toBe(trial.clock.now + SESSION_MS);
    for (let hour = 0; hour < 11; hour += 1) {
      trial.clock.now += HOUR;
      expect(await trial.identity.signedIn(cookie)).not.toBeNull();
    }
    trial.clock.now += HOUR;
    expect(await trial.identity.signedIn(cookie)).toBeNull();
  });
});

describe('renewal', () => {
  it('asks for nothing while the access token lives', async () => {
    const { cookie } = await login(trial);
    const state = rotating();
    trial.clock.now += HOUR - 1000;
    expect(await trial.identity.signedIn(cookie)).not.toBeNull();
    expect(state.renewals).toBe(0);
  });
  it('renews once for fifty requests at once: a rotating refresh token is never used twice', async () => {
    const { cookie } = await login(trial);
    const state = rotating({}, 50);
    trial.clock.now += HOUR + 1;
    const answers = await Promise.all(Array.from({ length: 50 }, () => trial.identity.signedIn(cookie)));
    expect(answers.every((a) => a !== null)).toBe(true);
    expect(state).toMatchObject({ renewals: 1, reused: 0 });
    trial.clock.now += HOUR + 1;
    expect(await trial.identity.signedIn(cookie)).not.toBeNull();
    expect(state).toMatchObject({ renewals: 2, reused: 0 });
  });
  it('T27 takes a removed group away with the next token', async () => {
    const { cookie } = await login(trial, { groups: ['icsc/palestra/instructors'] });
    expect((await trial.identity.signedIn(cookie))?.entitlements.roles).toContain('instructor');
    rotating({ groups: ['icsc/users'] });
    trial.clock.now += HOUR + 1;
    const after = await trial.identity.signedIn(cookie);
    expect(after?.person.groups).toEqual(['icsc/users']);
    expect(after?.entitlements.roles).toEqual(['learner']);
  });
  it('T27 asks userinfo for the groups where a renewal brings no ID token', async () => {
    const { cookie } = await login(trial, { groups: ['icsc/palestra/instructors'] });
    trial.hostile.onToken = () => tokens(undefined, { access_token: 'access-2', refresh_token: 'refresh-2' });
    trial.hostile.onUserinfo = ({ authorization }) => ({
      body: authorization === 'Bearer access-2' ? { sub: 'ada-1', groups: [] } : {},
    });
    trial.clock.now += HOUR + 1;
    expect((await trial.identity.signedIn(cookie))?.person.groups).toEqual([]);
  });
  it.each([
    [400, 'invalid_grant'],
    [401, 'invalid_token'],
  ])(
    'T27 ends the session where the provider refuses for good (%i %s), and tells it',
    async (status, error) => {
      const { cookie, signedIn } = await login(trial);
      const told: string[] = [];
      using _listening = trial.identity.onSignedOut((session, person) => told.push(session, person));
      trial.hostile.onToken = () => ({ status, body: { error, error_description: 'Invalid: access-1' } });
      trial.clock.now += HOUR - 1;
      expect(await trial.identity.signedIn(cookie)).not.toBeNull();
      trial.clock.now += 2;
      expect(await trial.identity.signedIn(cookie)).toBeNull();
      expect(told).toEqual([signedIn.session, signedIn.person.id]);
      expect(await trial.identity.signedIn(cookie)).toBeNull();
      expect(told).toHaveLength(2);
    },
  );
  it('T27 ends a login without a refresh token with its access token', async () => {
    const { cookie, signedIn } = await login(trial, {}, { refresh_token: undefined });
    expect(signedIn.until).toBe(trial.clock.now + HOUR);
    expect(trial.logged()).toContain('offline_access');
    trial.clock.now += HOUR + 1;
    expect(await trial.identity.signedIn(cookie)).toBeNull();
    expect(trial.hostile.asked.token).toBe(1);
  });
  it('ends a session whose renewal speaks of somebody else', async () => {
    const { cookie } = await login(trial);
    rotating({ sub: 'mallory' });
    trial.clock.now += HOUR + 1;
    expect(await trial.identity.signedIn(cookie)).toBeNull();
  });
  it('F19 keeps live sessions while the provider is down, asking it seldom, and renews when it is back', async () => {
    const { cookie } = await login(trial, { groups: ['icsc'] });
    let asked = 0;
    trial.hostile.onToken = () => ({ status: 503, body: `down ${++asked}` });
    trial.clock.now += HOUR + 1;
    for (let i = 0; i < 20; i += 1)
      expect((await trial.identity.signedIn(cookie))?.person.groups).toEqual(['icsc']);
    expect(asked).toBe(1);
    const state = rotating({ groups: [] });
    trial.clock.now += 30_000;
    expect((await trial.identity.signedIn(cookie))?.person.groups).toEqual([]);
    expect(state.renewals).toBe(1);
  });
  it('keeps the refresh token where the provider does not rotate', async () => {
    const { cookie } = await login(trial);
    const seen: (string | null)[] = [];
    trial.hostile.onToken = async ({ form }) => {
      seen.push(form.get('refresh_token'));
      return tokens(await trial.hostile.idToken(), { refresh_token: undefined });
    };
    for (let i = 0; i < 2; i += 1) {
      trial.clock.now += HOUR + 1;
      expect(await trial.identity.signedIn(cookie)).not.toBeNull();
    }
    expect(seen).toEqual(['refresh-1', 'refresh-1']);
  });
  it('renews and ends by itself, also for a person who sends no request', async () => {
    const { signedIn } = await login(trial);
    const told = new Promise((done) => trial.identity.onSignedOut(done));
    trial.hostile.onToken = () => ({ status: 400, body: { error: 'invalid_grant' } });
    trial.clock.now += HOUR - 60_000;
    const watching = trial.again({ sweepEvery: 10 });
    const toldThere = new Promise((done) => watching.onSignedOut(done));
    expect(await toldThere).toBe(signedIn.session);
    void told;
  });
});

describe('signing out', () => {
  it('forgets the session, tells it, and revokes the refresh token at the provider', async () => {
    const { cookie, signedIn } = await login(trial);
    const told: string[] = [];
    const listening = trial.identity.onSignedOut((session) => told.push(session));
    await trial.identity.signOut(cookie);
    expect(told).toEqual([signedIn.session]);
    expect(await trial.identity.signedIn(cookie)).toBeNull();
    await trial.identity.signOut(cookie);
    await trial.identity.signOut('never-was');
    expect(told).toHaveLength(1);
    await trial.identity.close();
    expect(trial.hostile.asked.revoked.map((form) => form.get('token'))).toEqual(['refresh-1']);
    listening[Symbol.dispose]();
  });
  it('leaves the person’s other sessions alone', async () => {
    const [here, there] = [await login(trial), await login(trial)];
    await trial.identity.signOut(here.cookie);
    expect(await trial.identity.signedIn(there.cookie)).not.toBeNull();
  });
});
