import { SignJWT } from 'jose';
import { afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { Problem } from '../contract/errors.ts';
import { LakeData, LakeNews } from '../contract/lake.ts';
import type { Lab } from '../contract/lab.ts';
import type { LearnerEvent } from '../contract/events.ts';
import type { SignedIn } from '../identity/face.ts';
import { silentLog } from '../telemetry/index.ts';
import { createLakeView } from './index.ts';
import type { LakeView, LakeViewOptions } from './index.ts';
import { lakeServer } from './testing/lake-server.ts';
import type { LakeServer } from './testing/lake-server.ts';
import { ACCOUNT, BROKEN, REFUSED, RULE_OK, RULE_REPLICATING } from './testing/recorded.ts';

const PERSON = 'person7777777777ada';
const who = { person: { id: PERSON, login: ACCOUNT } } as SignedIn;
const LAB = 'lab77777777777777777';
const RULES = `/accounts/${ACCOUNT}/rules`;
let token: string;
let lake: LakeServer;
let view: LakeView;
let [asked, events]: [string[][], Set<(event: LearnerEvent) => void>] = [[], new Set()];

async function tokenWith(claims: Record<string, unknown>, exp = '20m'): Promise<string> {
  return new SignJWT({ aud: ['rucio', 'cnaf.palestra.test'], scope: 'openid profile', ...claims })
    .setProtectedHeader({ alg: 'HS256' })
    .setExpirationTime(exp)
    .sign(Buffer.alloc(32));
}
function viewWith(more: Partial<LakeViewOptions> = {}): LakeView {
  return createLakeView({
    identity: {
      sandboxToken: (...words) => {
        asked.push(words);
        return Promise.resolve({ token, expiresAt: Date.now() + 1_200_000 });
      },
    },
    labs: {
      get: (asker, lab) =>
        asker.person.id === PERSON && lab === LAB
          ? Promise.resolve({ id: LAB, user: ACCOUNT } as Lab)
          : Promise.reject(new Problem('not-found', 'There is no such lab.')),
      subscribe: (_person, listener) => {
        events.add(listener);
        return Promise.resolve({ [Symbol.dispose]: () => events.delete(listener) });
      },
    },
    findLake: () => Promise.resolve(lake.address),
    log: silentLog(),
    ...more,
  });
}
beforeAll(async () => {
  token = await tokenWith({ sub: 'ada' });
});
beforeEach(async () => {
  [asked, events] = [[], new Set()];
  lake = await lakeServer();
  view = viewWith();
});
afterEach(async () => {
  view.close();
  await lake[Symbol.asyncDispose]();
});
const until = (condition: () => boolean) =>
  vi.waitFor(() => expect(condition()).toBe(true), { timeout: 10_000, interval: 10 });
async function watch(): Promise<{ heard: LakeNews[]; leave: () => void }> {
  const heard: LakeNews[] = [];
  const watching = await view.watch(who, LAB, (news) => heard.push(news));
  return { heard, leave: () => watching[Symbol.dispose]() };
}

describe('what a learner has', () => {
  it('is read from Rucio with a token for Rucio alone, as the contract says', async () => {
    const data = await view.read(who, LAB);
    expect(LakeData.parse(data)).toEqual(data);
    expect(data).toMatchObject({
      account: 'dtab',
      scope: 'user.dtab',
      elements: [
        { name: 'CNAF_USERDISK', site: 'CNAF', nature: 'disk', files: 1, bytes: 2_000_000, writable: true },
        { name: 'NAPOLI_USERDISK', quota: { used: 0, limit: 50_000_000 }, files: 0 },
        { name: 'ARCHIVE_USERDISK', nature: 'tape' },
      ],
      dids: [
        {
          name: 'run42.root',
          kind: 'file',
          copies: [
            { element: 'CNAF_USERDISK', state: 'here' },
            { element: 'NAPOLI_USERDISK', state: 'copying' },
          ],
        },
      ],
      rules: [{ state: 'ok', ok: 1, expression: 'CNAF_USERDISK', expiresAt: null, createdAt: 1795528603000 }],
      transfers: [],
    });
    expect(asked).toEqual([[PERSON, 'rucio', 'openid profile']]);
  });

  it('T29 is nobody else’s: another’s lab is not there, and nothing is asked for it', async () => {
    const bob = { person: { id: 'bob', login: 'bob' } } as SignedIn;
    await expect(view.read(bob, LAB)).rejects.toMatchObject({ code: 'not-found' });
    await expect(view.watch(bob, LAB, () => undefined)).rejects.toMatchObject({ code: 'not-found' });
    expect([asked, lake.asked, view.watched]).toEqual([[], [], 0]);
  });

  it('T57 the token goes to Rucio and nowhere else: not to the page, not to the transfer service', async () => {
    const { heard } = await watch();
    await until(() => heard.length > 0);
    lake.says.set(RULES, REFUSED);
    await until(() => heard.length > 1);
    await expect(view.read(who, LAB)).rejects.toSatisfy(
      (error: Problem) => !JSON.stringify(error.toBody()).includes(token),
    );
    expect(JSON.stringify(heard)).not.toContain(token.split('.')[1]);
    expect([...lake.tokens].sort()).toEqual(['', token]);
    expect(lake.asked.filter((question) => question.includes('queue'))).toHaveLength(1);
  });

  it('names with spaces, letters of others and slashes in an account stay in their place in the address', async () => {
    view = viewWith({
      labs: {
        get: () => Promise.resolve({ id: LAB, user: 'a/../b c' } as Lab),
        subscribe: () => Promise.resolve({ [Symbol.dispose]: () => undefined }),
      },
    });
    await view.read(who, LAB).catch(() => undefined);
    expect(lake.asked).toContain('GET /accounts/a%2F..%2Fb%20c/rules');
  });
});

describe('what cannot be shown is said in a sentence with a way on', () => {
  const reasonOf = (asking: Promise<unknown>) =>
    asking.then(
      () => null,
      (error: unknown) => (error instanceof Problem ? { code: error.code, ...error.details } : error),
    );

  it.each([
    ['expired', { sub: 'ada' }, '-1m', 'refused', 'it has expired'],
    ['for somebody else', { sub: 'ada', aud: 'cnaf.palestra.test' }, '20m', 'refused', 'not meant for rucio'],
    ['without the scope', { sub: 'ada', scope: 'openid' }, '20m', 'refused', 'lacks the scope profile'],
    ['of somebody Rucio does not know', { sub: 'ada' }, '20m', 'not-admitted', 'does not know you yet'],
  ])('a token %s', async (_what, claims, exp, reason, words) => {
    const good = token;
    token = await tokenWith(claims, exp);
    lake.says.set(RULES, REFUSED);
    expect(await reasonOf(view.read(who, LAB))).toMatchObject({
      code: 'forbidden',
      reason,
      message: expect.stringContaining(words) as unknown,
      todo: expect.stringMatching(/\w+ \w+/) as unknown,
    });
    token = good;
  });

  it('a token that Rucio is just writing down is shown once more, and no second time', async () => {
    let refusals = 0;
    lake.says.set(RULES, (_request, response) => {
      if (++refusals === 1) response.writeHead(401, REFUSED.headers).end();
      else response.writeHead(200).end(`${JSON.stringify(RULE_OK)}\n`);
    });
    expect(await view.read(who, LAB)).toMatchObject({ rules: [{ state: 'ok' }] });
    lake.says.set(RULES, REFUSED);
    lake.asked.length = 0;
    expect(await reasonOf(view.read(who, LAB))).toMatchObject({ reason: 'not-admitted' });
    expect(lake.asked.filter((question) => question.endsWith('/rules'))).toHaveLength(2);
  });

  it('a lake that is down, or fails inside', async () => {
    lake.says.set(RULES, BROKEN);
    expect(await reasonOf(view.read(who, LAB))).toMatchObject({ code: 'unavailable', reason: 'down' });
    await lake.stop();
    expect(await reasonOf(view.read(who, LAB))).toMatchObject({
      reason: 'down',
      message: 'The data lake does not answer (nothing listens there).',
    });
  });

  it('a lake that answers garbage', async () => {
    lake.says.set(RULES, { text: '<html>gateway</html>' });
    expect(await reasonOf(view.read(who, LAB))).toMatchObject({ reason: 'misbehaved' });
    lake.says.set(RULES, { lines: [{ ...RULE_OK, locks_ok_cnt: 'many' }] });
    expect(await reasonOf(view.read(who, LAB))).toMatchObject({
      message: expect.stringContaining('a rule without a good locks_ok_cnt') as unknown,
    });
  });

  it('no lake here; one that starts; a login that ended', async () => {
    const with_ = (more: Partial<LakeViewOptions>) => reasonOf(viewWith(more).read(who, LAB));
    expect(await with_({ findLake: () => Promise.resolve(null) })).toMatchObject({
      code: 'not-found',
      reason: 'none-here',
    });
    const starting = new Problem('unavailable', 'Starting PostgreSQL');
    expect(await with_({ findLake: () => Promise.reject(starting) })).toMatchObject({
      reason: 'starting',
      message: 'Starting PostgreSQL',
    });
    const ended = new Problem('sign-in-again', 'IAM no longer renews your tokens.');
    expect(await with_({ identity: { sandboxToken: () => Promise.reject(ended) } })).toMatchObject({
      code: 'sign-in-again',
      reason: 'sign-in-again',
    });
  });

  it('a transfer service that is off leaves the rest as it is', async () => {
    lake.says.set('/queue.json', { status: 502 });
    expect(await view.read(who, LAB)).toMatchObject({ transfers: null, dids: [{}] });
  });
});

describe('followed', () => {
  it('a rule that turns OK is told, with nothing else', async () => {
    lake.says.set(RULES, { lines: [RULE_REPLICATING] });
    const { heard } = await watch();
    await until(() => heard.length === 1);
    const ok = { ...RULE_REPLICATING, state: 'OK', locks_ok_cnt: 1, locks_replicating_cnt: 0 };
    lake.says.set(RULES, { lines: [ok] });
    const since = Date.now();
    await until(() => heard.length === 2);
    expect(Date.now() - since).toBeLessThan(4000);
    expect(LakeNews.parse(heard[1])).toMatchObject({ type: 'changed', parts: { rules: [{ state: 'ok' }] } });
    expect(Object.keys((heard[1] as { parts: object }).parts)).toEqual(['rules']);
  });

  it('by many tabs of one learner: one poller; none when they are gone, and nobody listens to the lab either', async () => {
    const tabs = await Promise.all(Array.from({ length: 5 }, watch));
    await until(() => tabs.every(({ heard }) => heard.length === 1));
    expect([view.watched, events.size, lake.asked.filter((q) => q.includes('/rules')).length]).toEqual([
      1, 1, 1,
    ]);
    for (const { leave } of tabs) leave();
    await until(() => events.size === 0);
    expect(view.watched).toBe(0);
    const before = lake.asked.length;
    await new Promise((done) => setTimeout(done, 1300));
    expect(lake.asked.length).toBe(before);
  });

  it('elements are asked once for everybody', async () => {
    await Promise.all([view.read(who, LAB), view.read(who, LAB)]);
    await view.read(who, LAB);
    expect(lake.asked.filter((question) => question === 'GET /rses/').length).toBeLessThan(3);
  });
});
