/** What must hold when the server, a sandbox or the provider goes away in the middle (F1, F3, F12, F18, F19). */
import { afterEach, describe, expect, it } from 'vitest';
import { Problem } from '../contract/errors.ts';
import type { AgentLink } from '../sandboxes/agent-link.ts';
import type { LabsOptions } from './context.ts';
import { course, lesson, step } from './testing/courses.ts';
import { ground, type Ground } from './testing/ground.ts';

let g: Ground;
afterEach(() => g.close());
const tokens = lesson('one', [step('a')]);
const WITH_TOKEN = course([
  { ...tokens, needs: { ...tokens.needs, tokens: [{ audience: 'rucio', scope: 'openid' }] } },
]);
const hang = <T>() => new Promise<T>(() => undefined);
const later = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

/** For each labelled step of a start: a server that stops there for ever, and word when it got there. */
const STEPS: Record<string, (options: LabsOptions, reached: () => void) => Partial<LabsOptions>> = {
  kit: (o, reached) => ({ kits: { ...o.kits, get: () => undefined, ready: () => (reached(), hang()) } }),
  'before the claim': (o, reached) => ({ driver: { ...o.driver, claim: () => (reached(), hang()) } }),
  'after the claim': (o, reached) => ({
    driver: { ...o.driver, claim: (r) => o.driver.claim(r).then(() => (reached(), hang())) },
  }),
  home: (o, reached) => ({ linkTo: (s) => stuck(o.linkTo(s), 'claim', reached) }),
  tokens: (o, reached) => ({ linkTo: (s) => stuck(o.linkTo(s), 'tokens', reached) }),
  setup: (_o, reached) => ({ openLesson: () => (reached(), hang()) }),
};
/** The call reaches the agent, its answer never comes. */
function stuck(link: AgentLink, at: 'claim' | 'tokens', reached: () => void): AgentLink {
  if (at === 'claim') return { ...link, claim: (claim) => link.claim(claim).then(() => (reached(), hang())) };
  return { ...link, tokens: (given) => link.tokens(given).then(() => (reached(), hang())) };
}

describe('the server killed in the middle of a start', () => {
  it.each(Object.keys(STEPS))(
    'F1 at step %s: one lab, one sandbox, ready after the restart',
    async (name) => {
      g = await ground([WITH_TOKEN]);
      g.token = () => Promise.resolve({ token: 't', expiresAt: Date.now() + 3600_000 });
      const whole = g.options;
      const reached = Promise.withResolvers<undefined>();
      const broken = STEPS[name]?.(whole, () => {
        reached.resolve(undefined);
      });
      await g.labs.close();
      g.options = { ...whole, ...broken };
      await g.afterCrash();
      const ada = await g.who('ada');
      const lab = await g.start(ada, 'one');
      await reached.promise;
      g.options = whole;
      await g.afterCrash();
      const ready = await g.until(ada, lab.id, 'ready');
      expect(ready.id).toBe(lab.id);
      expect(await g.driver.list()).toHaveLength(1);
      expect(await g.labs.list(ada)).toHaveLength(1);
      const seeds = new Set(g.driver.agentOf(lab.id).claims.map((c) => `${c.lab} ${c.seed}`));
      expect(seeds.size).toBe(1);
    },
  );

  it('F12 a start whose answer was lost is found by the next', async () => {
    g = await ground();
    const ada = await g.who('ada');
    const lab = await g.start(ada, 'one');
    await g.restart();
    expect((await g.start(ada, 'one')).id).toBe(lab.id);
    await g.until(ada, lab.id, 'ready');
    expect(await g.driver.list()).toHaveLength(1);
  });
});

describe('the server back again', () => {
  it('F1 a ready lab is the same sandbox, told to who waits for ready labs', async () => {
    g = await ground();
    const ada = await g.who('ada');
    const before = await g.until(ada, (await g.start(ada, 'one')).id, 'ready');
    await g.labs.close();
    const { createLabs } = await import('./labs.ts');
    g.labs = createLabs(g.options);
    const told: string[] = [];
    g.labs.onReady((open) => told.push(open.lab.id));
    await g.labs.adopt();
    const after = await g.labs.get(ada, before.id);
    expect(after).toMatchObject({ state: 'ready', sandbox: before.sandbox, readyAt: before.readyAt });
    expect(told).toEqual([before.id]);
    expect((await g.labs.open(ada, before.id)).sandbox.id).toBe(before.sandbox);
    expect(g.opened).toEqual(['one']);
  });

  it.each([
    ['pausing', 'paused'],
    ['ending', 'ended'],
  ] as const)('F1 killed while %s: it is %s', async (half, whole) => {
    g = await ground();
    const ada = await g.who('ada');
    const { id } = await g.until(ada, (await g.start(ada, 'one')).id, 'ready');
    g.options = { ...g.options, driver: { ...g.driver, release: () => hang() } };
    await g.afterCrash();
    void (half === 'pausing' ? g.labs.pause(ada, id) : g.labs.end(ada, id));
    await g.until(ada, id, half);
    g.options = { ...g.options, driver: g.driver };
    await g.afterCrash();
    expect((await g.labs.get(ada, id)).state).toBe(whole);
    expect(await g.driver.list()).toEqual([]);
    expect(g.driver.discarded).toEqual(whole === 'ended' ? [id] : []);
  });

  it('F1 killed while pausing, and the sandbox is gone as well: says what was saved, and from when', async () => {
    g = await ground();
    const ada = await g.who('ada');
    const { id } = await g.until(ada, (await g.start(ada, 'one')).id, 'ready');
    const config = { ...g.options.config, savedHomes: true };
    g.options = { ...g.options, config, driver: { ...g.driver, release: () => hang() } };
    await g.afterCrash();
    void g.labs.pause(ada, id);
    await g.until(ada, id, 'pausing');
    await g.driver.release(id);
    g.options = { ...g.options, driver: g.driver };
    await g.afterCrash();
    const lab = await g.labs.get(ada, id);
    expect(lab).toMatchObject({ state: 'paused', problem: { code: 'sandbox-gone' } });
    expect(lab.problem?.message).toContain('It had not been saved yet, so its files are gone');
  });

  it('gives back sandboxes that no lab owns any more', async () => {
    g = await ground();
    const ada = await g.who('ada');
    await g.until(ada, (await g.start(ada, 'one')).id, 'ready');
    await g.driver.claim({ lab: 'o'.repeat(20), kit: 'base' });
    await g.restart();
    expect(await g.driver.list()).toHaveLength(1);
  });
});

describe('a sandbox that ended by itself', () => {
  it('F3 while the server runs: paused, says what was kept, resumes with one click', async () => {
    g = await ground();
    const ada = await g.who('ada');
    const { id } = await g.until(ada, (await g.start(ada, 'one')).id, 'ready');
    const closed: string[] = [];
    g.labs.onClosed((_lab, why) => closed.push(why));
    await g.driver.lose(id, 'out of memory');
    const paused = await g.until(ada, id, 'paused');
    expect(paused.problem).toMatchObject({
      code: 'sandbox-gone',
      message: expect.stringMatching(/out of memory.*files.*kept.*Resume/) as string,
    });
    expect(closed).toEqual(['lost']);
    await expect(g.labs.open(ada, id)).rejects.toMatchObject({ code: 'sandbox-gone' });
    await g.labs.resume(ada, id);
    expect((await g.until(ada, id, 'ready')).problem).toBeNull();
  });

  it('F3 while the server was down: the same, found at the restart', async () => {
    g = await ground();
    const ada = await g.who('ada');
    const { id } = await g.until(ada, (await g.start(ada, 'one')).id, 'ready');
    await g.driver.lose(id, 'power', true);
    await g.restart();
    const paused = await g.labs.get(ada, id);
    expect(paused).toMatchObject({ state: 'paused', sandbox: null, problem: { code: 'sandbox-gone' } });
    await g.labs.resume(ada, id);
    await g.until(ada, id, 'ready');
  });

  it('F3 in the middle of a start: the same, and no half a lab', async () => {
    const laying = Promise.withResolvers<undefined>();
    g = await ground(
      [course([lesson('one', [step('a')])])],
      {},
      { openLesson: () => (laying.resolve(undefined), hang()) },
    );
    const ada = await g.who('ada');
    const { id } = await g.start(ada, 'one');
    await laying.promise;
    await g.driver.lose(id, 'killed');
    expect((await g.until(ada, id, 'paused')).problem?.code).toBe('sandbox-gone');
  });

  it('a late word about a sandbox already replaced changes nothing', async () => {
    g = await ground();
    const ada = await g.who('ada');
    const { id } = await g.until(ada, (await g.start(ada, 'one')).id, 'ready');
    const told: Parameters<Parameters<typeof g.driver.watch>[0]>[0][] = [];
    g.driver.watch((e) => told.push(e));
    await g.driver.lose(id, 'first');
    await g.until(ada, id, 'paused');
    await g.labs.resume(ada, id);
    const ready = await g.until(ada, id, 'ready');
    const [late] = told;
    // the driver repeats itself
    if (late) for (const listener of g.driver.listening()) listener(late);
    await later(20);
    expect(await g.labs.get(ada, id)).toMatchObject({ state: 'ready', sandbox: ready.sandbox });
  });
});

describe('keeping', () => {
  it('ends what was paused longer than its promise, never a running one; F18 a clock ten minutes off ends nothing', async () => {
    let now = Date.now();
    g = await ground([course([lesson('one', [step('a')])])], {}, { clock: () => now });
    const { sweep } = await import('./sweeper.ts');
    const { contextOf } = await import('./labs.ts');
    const ada = await g.who('ada');
    const { id } = await g.until(ada, (await g.start(ada, 'one')).id, 'ready');
    const context = contextOf(g.options);
    const ended: string[] = [];
    const end = (record: { id: string }) => Promise.resolve(ended.push(record.id));
    now += 30 * 24 * 3600 * 1000;
    await sweep(context, end);
    expect(ended).toEqual([]);
    expect((await g.labs.get(ada, id)).keptUntil).toBeGreaterThan(now);
    const { keptUntil } = await g.labs.pause(ada, id);
    now = keptUntil - 600_000;
    await sweep(context, end);
    now -= 600_000;
    await sweep(context, end);
    expect(ended).toEqual([]);
    now = keptUntil + 1;
    await sweep(context, end);
    expect(ended).toEqual([id]);
  });
});

describe('tokens', () => {
  it('gives what the lesson declares, shows its life, and none to lessons that ask for none', async () => {
    g = await ground([WITH_TOKEN]);
    const asked: string[] = [];
    g.token = (person, audience, scope) => {
      asked.push(`${person} ${audience} ${scope}`);
      return Promise.resolve({ token: 'secret-token', expiresAt: 5_000_000_000_000 });
    };
    const ada = await g.who('ada');
    const ready = await g.until(ada, (await g.start(ada, 'one')).id, 'ready');
    expect(asked).toEqual(['id-ada rucio openid']);
    expect(g.driver.agentOf(ready.id).tokens).toEqual([
      { tokens: [{ name: 'default', token: 'secret-token', expiresAt: 5_000_000_000_000 }] },
    ]);
    expect(ready.token).toEqual({ expiresAt: 5_000_000_000_000, renews: true });
    expect(ready.stages.map((s) => s.name)).toContain('tokens');
    expect(JSON.stringify(g.events)).not.toContain('secret-token');
    await g.labs.pause(ada, ready.id);
    expect((await g.labs.get(ada, ready.id)).token).toBeNull();
  });

  it('a start whose token cannot be had says so', async () => {
    g = await ground([WITH_TOKEN]);
    g.token = () => Promise.reject(new Problem('sign-in-again', 'Sign in again.'));
    const ada = await g.who('ada');
    expect((await g.until(ada, (await g.start(ada, 'one')).id, 'failed')).problem?.code).toBe(
      'sign-in-again',
    );
  });

  it('F19 after a restart with the provider down a ready lab runs on, with a warning', async () => {
    g = await ground([WITH_TOKEN]);
    g.token = () => Promise.resolve({ token: 't', expiresAt: Date.now() + 3600_000 });
    const ada = await g.who('ada');
    const { id } = await g.until(ada, (await g.start(ada, 'one')).id, 'ready');
    g.token = () => Promise.reject(new Problem('sign-in-again', 'gone'));
    await g.labs.close();
    const { createLabs } = await import('./labs.ts');
    g.labs = createLabs(g.options);
    await g.labs.subscribe(ada.person.id, (e) => g.events.push(e));
    await g.labs.adopt();
    expect(await g.labs.get(ada, id)).toMatchObject({ state: 'ready', token: { renews: false } });
    await later(5);
    expect(g.events).toContainEqual({
      type: 'warning',
      lab: id,
      text: expect.stringContaining('Sign in again') as string,
    });
  });
});
