/**
 * What `conformance.ts` cannot steer with real sandboxes: who is told when a sandbox dies at an awkward moment.
 * The ground here has no processes; it counts what it is asked to do.
 */
import { describe, expect, it } from 'vitest';
import type { Sandbox, SandboxEvent } from '../driver.ts';
import { newId } from '../ids.ts';
import type { Ground } from './ground.ts';
import { createPool } from './pool.ts';

function countedGround() {
  const ended: string[] = [];
  const trouble: string[] = [];
  const ground: Ground = {
    prepare: () => Promise.resolve(),
    start: (kit) =>
      Promise.resolve({
        id: newId(),
        kit,
        lab: null,
        agent: { kind: 'unix', path: '/nowhere' },
        isolation: 'unsandboxed',
        startedAt: 0,
      }),
    give: (sandbox, lab) => Promise.resolve({ ...sandbox, lab }),
    end: (sandbox) => Promise.resolve(void ended.push(sandbox.id)),
  };
  const pool = createPool({ ground, onTrouble: (what) => trouble.push(what) });
  return { ground, pool, ended, trouble };
}

async function claimed() {
  const world = countedGround();
  const events: SandboxEvent[] = [];
  world.pool.watch((event) => void events.push(event));
  const sandbox: Sandbox = await world.pool.claim({ lab: newId(), kit: 'base' });
  return { ...world, events, sandbox, lab: sandbox.lab ?? '' };
}

describe('a sandbox that dies by itself', () => {
  it('is ended once and told of as lost', async () => {
    const { pool, ended, events, sandbox } = await claimed();
    await pool.lost(sandbox.id, 'the agent ended');
    expect(ended).toEqual([sandbox.id]);
    expect(events.at(-1)).toMatchObject({ type: 'lost', reason: 'the agent ended' });
    expect(pool.list()).toEqual([]);
  });

  it('is ended once when its release and its loss meet, whichever comes first', async () => {
    const first = await claimed();
    await Promise.all([first.pool.release(first.lab), first.pool.lost(first.sandbox.id, 'killed')]);
    expect(first.ended).toEqual([first.sandbox.id]);

    const second = await claimed();
    await Promise.all([second.pool.lost(second.sandbox.id, 'killed'), second.pool.release(second.lab)]);
    expect(second.ended).toEqual([second.sandbox.id]);
  });

  it('keeps the next claim of its lab waiting until its home is back', async () => {
    const { ground, pool, sandbox, lab } = await claimed();
    const home = Promise.withResolvers<void>();
    Object.assign(ground, { end: () => home.promise });
    const lost = pool.lost(sandbox.id, 'killed');
    let given = false;
    const next = pool.claim({ lab, kit: 'base' }).finally(() => (given = true));
    await new Promise(setImmediate);
    expect(given).toBe(false);
    home.resolve();
    await lost;
    expect((await next).id).not.toBe(sandbox.id);
  });

  it('is no longer looked after once the pool is closed: its driver may be ending it', async () => {
    const { pool, ended, sandbox } = await claimed();
    await pool.close();
    await pool.lost(sandbox.id, 'ended with its driver');
    expect(ended).toEqual([]);
    expect(pool.list()).toEqual([sandbox]);
  });

  it('tells of an end that fails, and never throws at whoever saw the death', async () => {
    const { ground, pool, trouble, events, sandbox } = await claimed();
    Object.assign(ground, { end: () => Promise.reject(new Error('busy')) });
    await pool.lost(sandbox.id, 'killed');
    expect(trouble).toEqual(['ending a lost sandbox']);
    expect(events.at(-1)).toMatchObject({ type: 'lost' });
  });
});
