/** Two servers on one PostgreSQL, as a learner meets them; docs/decisions/009-two-replicas.md. */
import { describe, expect, it } from 'vitest';
import type { LearnerEvent } from '../contract/events.ts';
import type { LabState } from '../contract/lab.ts';
import type { SignedIn } from '../identity/face.ts';
import type { Labs } from '../labs/face.ts';
import { checkFence, course, fence, lesson, step } from '../labs/testing/courses.ts';
import { until } from '../replicas/testing/servers.ts';
import { onPostgres } from '../store/testing/store.ts';
import { sideBySide, type SideBySide } from './testing/two-servers.ts';

const STEP = step('a', {
  checks: [checkFence('[ -e done.txt ] || { echo "not yet"; exit 1; }; echo there')],
  solutions: [fence('solution', 'touch done.txt')],
});
const COURSE = course([lesson('one', [STEP]), lesson('two', [step('b')])]);
const SIX = Array.from({ length: 6 }, (_, n) =>
  course([lesson('one', [step('a')])], { id: `c${String(n)}` }),
);

function two(group: SideBySide) {
  const [a, b] = group.all;
  if (a === undefined || b === undefined) throw new Error('two were asked for');
  return { a, b };
}
const start = (labs: Labs, who: SignedIn, c = 'tiny') =>
  labs.start(who, { course: c, lesson: 'one', prepare: false });
const untilState = (labs: Labs, who: SignedIn, lab: string, state: LabState) =>
  until(async () => {
    const now = await labs.get(who, lab);
    expect(now.state).toBe(state);
    return now;
  });
const states = (events: readonly LearnerEvent[]) =>
  events.flatMap((event) => (event.type === 'lab' ? [event.lab.state] : []));

describe.runIf(onPostgres)('two servers', { timeout: 60_000 }, () => {
  it('F11 the same start a hundred times at both: one lab, one sandbox', async () => {
    await using group = await sideBySide([COURSE]);
    const { a, b } = two(group);
    const ada = await group.ground.who('ada');
    const started = await Promise.all(
      Array.from({ length: 100 }, (_, n) => start(n % 2 === 0 ? a.labs : b.labs, ada)),
    );
    expect(new Set(started.map(({ id }) => id)).size).toBe(1);
    await untilState(b.labs, ada, started[0]?.id ?? '', 'ready');
    expect(await group.ground.driver.list()).toHaveLength(1);
    expect(group.ground.driver.claims).toHaveLength(1);
  });

  it('six courses at once at both: never more labs than the account may have, and the others are told so', async () => {
    await using group = await sideBySide(SIX);
    const { a, b } = two(group);
    const ada = await group.ground.who('ada', { labs: 3 });
    const tries = await Promise.allSettled(
      SIX.map(({ id }, n) => start(n % 2 === 0 ? a.labs : b.labs, ada, id)),
    );
    expect(tries.filter(({ status }) => status === 'fulfilled')).toHaveLength(3);
    for (const one of tries)
      if (one.status === 'rejected') expect(one.reason).toMatchObject({ code: 'limit' });
    const rows = await group.ground.store.db.selectFrom('labs').select('slot').execute();
    expect(rows.map(({ slot }) => slot).sort()).toEqual([1, 2, 3]);
  });

  it('a lab started at the one is told at the other, its stages too, and its sandbox is reached from both', async () => {
    await using group = await sideBySide([COURSE]);
    const { a, b } = two(group);
    const ada = await group.ground.who('ada');
    const [atA, atB] = [await a.hears(ada), await b.hears(ada)];
    const { id } = await start(b.labs, ada);
    await untilState(b.labs, ada, id, 'ready');
    await until(() => {
      expect(states(atB)).toEqual(states(atA));
    });
    expect(states(atB)).toEqual(expect.arrayContaining(['queued', 'claiming', 'filling', 'ready']));
    for (const { labs } of [a, b]) {
      const open = await labs.open(ada, id);
      expect(await open.agent.status()).toMatchObject({ sandbox: open.sandbox.id, lab: id });
      expect((await labs.bySandbox(open.sandbox.id))?.lab.id).toBe(id);
    }
    // a page that opens now hears what stands, at whichever server
    expect((await b.hears(ada)).map(({ type }) => type)).toEqual(
      (await a.hears(ada)).map(({ type }) => type),
    );
    // T29 at both
    const bob = await group.ground.who('bob');
    for (const { labs } of [a, b])
      await expect(labs.open(bob, id)).rejects.toMatchObject({ code: 'not-found' });
    for (const { labs } of [a, b])
      await expect(labs.end(bob, id)).rejects.toMatchObject({ code: 'not-found' });
  });

  it('a step is checked wherever it is asked for; done at the one is done at the other', async () => {
    await using group = await sideBySide([COURSE]);
    const { a, b } = two(group);
    const ada = await group.ground.who('ada');
    const { id } = await start(b.labs, ada);
    await untilState(b.labs, ada, id, 'ready');
    const at = { lab: id, lesson: 'one', step: 'a' };
    const [atA, atB] = [await a.hears(ada), await b.hears(ada)];
    expect(await b.checks.check(ada, at)).toMatchObject({ state: 'not-done', message: 'not yet' });
    expect(await b.checks.solution(ada, at)).toEqual({
      solutions: [{ lang: 'bash', code: 'touch done.txt' }],
    });
    await group.ground.driver.agentOf(id).link.type({ code: 'touch done.txt' });
    for (const events of [atA, atB])
      await until(() => {
        expect(events).toContainEqual(
          expect.objectContaining({
            type: 'step',
            step: expect.objectContaining({ state: 'done' }) as object,
          }),
        );
      });
    expect((await b.labs.progress(ada, 'tiny')).steps[0]).toMatchObject({ state: 'done', message: 'there' });
    await expect(b.checks.check(ada, { ...at, step: 'none' })).rejects.toMatchObject({ code: 'not-found' });
  });

  it('F2 one is stopped: the learner goes on at the other in the same sandbox, and its checks run there', async () => {
    await using group = await sideBySide([COURSE]);
    const { a, b } = two(group);
    const ada = await group.ground.who('ada');
    const atB = await b.hears(ada);
    const { id, sandbox: _none } = await start(a.labs, ada);
    const { sandbox } = await untilState(a.labs, ada, id, 'ready');
    await a.stop();
    await until(() => {
      expect(b.replicas.leads).toBe(true);
    });
    await until(async () => {
      expect((await b.labs.open(ada, id)).sandbox.id).toBe(sandbox);
    });
    expect(group.ground.driver.claims).toEqual([id]);
    // nobody's terminal was closed by it
    expect([a.closed, b.closed]).toEqual([[], []]);
    await until(() => {
      expect(group.ground.driver.agentOf(id).listeners).toBe(1);
    });
    await group.ground.driver.agentOf(id).link.type({ code: 'touch done.txt' });
    await until(() => {
      expect(atB).toContainEqual(
        expect.objectContaining({ type: 'step', step: expect.objectContaining({ state: 'done' }) as object }),
      );
    });
  });

  it('F2 one is stopped in the middle of a start: the other finishes it, with one sandbox', async () => {
    await using group = await sideBySide([COURSE]);
    const { a, b } = two(group);
    const ada = await group.ground.who('ada');
    const gate = Promise.withResolvers<undefined>();
    group.ground.driver.gate = gate.promise;
    const atB = await b.hears(ada);
    const { id } = await start(b.labs, ada);
    await until(() => {
      expect(states(atB)).toContain('claiming');
    });
    expect(await b.labs.get(ada, id)).toMatchObject({ state: 'claiming' });
    const stopping = a.stop();
    gate.resolve(undefined);
    await stopping;
    await untilState(b.labs, ada, id, 'ready');
    expect(await group.ground.driver.list()).toHaveLength(1);
  });

  it('a lab paused at the one closes its sockets at both', async () => {
    await using group = await sideBySide([COURSE]);
    const { a, b } = two(group);
    const ada = await group.ground.who('ada');
    const { id } = await start(a.labs, ada);
    await untilState(b.labs, ada, id, 'ready');
    await b.labs.open(ada, id);
    expect(await b.labs.pause(ada, id)).toMatchObject({ state: 'paused' });
    for (const { closed } of [a, b])
      await until(() => {
        expect(closed).toEqual([`${id} paused`]);
      });
    await expect(b.labs.open(ada, id)).rejects.toMatchObject({ code: 'conflict' });
  });

  it('F22 what an earlier leader still writes about a lab is refused, and changes nothing', async () => {
    await using group = await sideBySide([COURSE]);
    const { a, b } = two(group);
    const ada = await group.ground.who('ada');
    const { id } = await start(a.labs, ada);
    await untilState(a.labs, ada, id, 'ready');
    const { db } = group.ground.store;
    // another leads meanwhile, and this one has not noticed: it was suspended
    await db
      .updateTable('labs')
      .set({ fence: a.replicas.term + 1 })
      .execute();
    await expect(a.labs.pause(ada, id)).rejects.toMatchObject({ code: 'unavailable' });
    expect(await db.selectFrom('labs').select('state').executeTakeFirst()).toEqual({ state: 'ready' });
    expect(await group.ground.driver.list()).toHaveLength(1);
    expect([a.closed, b.closed]).toEqual([[], []]);
  });

  it('F22 two that lead in turns keep one runner for a lab: an agent is listened to by one', async () => {
    await using group = await sideBySide([COURSE]);
    const { a, b } = two(group);
    const ada = await group.ground.who('ada');
    const { id } = await start(a.labs, ada);
    await untilState(a.labs, ada, id, 'ready');
    const desk = group.ground.driver.agentOf(id);
    await until(() => {
      expect(desk.listeners).toBe(1);
    });
    await group.ground.store.db.updateTable('leases').set({ until: 0 }).execute();
    await until(async () => {
      const { term } = await group.ground.store.db
        .selectFrom('leases')
        .select('term')
        .executeTakeFirstOrThrow();
      expect(term).toBe(2);
    });
    await until(() => {
      expect([a.replicas.leads, b.replicas.leads].filter(Boolean)).toHaveLength(1);
      expect(desk.listeners).toBe(1);
    });
    expect((await b.labs.open(ada, id)).lab.state).toBe('ready');
    expect([a.closed, b.closed]).toEqual([[], []]);
  });
});
