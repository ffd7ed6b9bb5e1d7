import { afterEach, describe, expect, it } from 'vitest';
import { Problem } from '../contract/errors.ts';
import { ground, type Ground } from './testing/ground.ts';

let g: Ground;
afterEach(() => g.close());
const away = new Problem('unavailable', 'Your files could not be saved just now, so nothing was ended.');

/** A ground whose driver cannot save homes while `failing`. */
async function whereSavingFails(): Promise<{ tries: () => number; mend: () => void }> {
  g = await ground();
  let failing = true;
  let tries = 0;
  await g.labs.close();
  g.options = {
    ...g.options,
    unfinishedMs: 20,
    driver: {
      ...g.driver,
      release(lab, how) {
        tries += 1;
        return failing && how?.forget !== true ? Promise.reject(away) : g.driver.release(lab, how);
      },
    },
  };
  g.rewire();
  return { tries: () => tries, mend: () => void (failing = false) };
}

describe('a pause that could not save', () => {
  it('ends nothing, says why, and is tried again until it can', async () => {
    const saving = await whereSavingFails();
    const ada = await g.who('ada');
    const { id } = await g.until(ada, (await g.start(ada, 'one')).id, 'ready');
    await expect(g.labs.pause(ada, id)).rejects.toMatchObject({ code: 'unavailable' });
    expect(await g.labs.get(ada, id)).toMatchObject({ state: 'pausing', problem: { code: 'unavailable' } });
    expect(await g.driver.list()).toHaveLength(1);
    await expect.poll(saving.tries).toBeGreaterThan(2);
    saving.mend();
    expect(await g.until(ada, id, 'paused')).toMatchObject({ problem: null, sandbox: null });
    expect(await g.driver.list()).toEqual([]);
  });

  it('keeps nobody from working: Start goes on in the same sandbox, also for an account of one lab', async () => {
    const saving = await whereSavingFails();
    const ada = await g.who('ada', { labs: 1 });
    const before = await g.until(ada, (await g.start(ada, 'one')).id, 'ready');
    await expect(g.labs.pause(ada, before.id)).rejects.toMatchObject({ code: 'unavailable' });
    await g.labs.resume(ada, before.id);
    const after = await g.until(ada, before.id, 'ready');
    expect(after).toMatchObject({ sandbox: before.sandbox, problem: null });
    const tried = saving.tries();
    await new Promise((resolve) => setTimeout(resolve, 60));
    expect(saving.tries()).toBe(tried);
  });

  it('is tried again by the server that comes after one that was killed', async () => {
    const saving = await whereSavingFails();
    const ada = await g.who('ada');
    const { id } = await g.until(ada, (await g.start(ada, 'one')).id, 'ready');
    await expect(g.labs.pause(ada, id)).rejects.toMatchObject({ code: 'unavailable' });
    await g.restart();
    expect((await g.labs.get(ada, id)).state).toBe('pausing');
    saving.mend();
    await g.until(ada, id, 'paused');
  });

  it('F3 a lost sandbox whose rest cannot be given back is an honest pause all the same', async () => {
    await whereSavingFails();
    const ada = await g.who('ada');
    const { id } = await g.until(ada, (await g.start(ada, 'one')).id, 'ready');
    await g.driver.lose(id, 'out of memory');
    expect((await g.until(ada, id, 'paused')).problem?.code).toBe('sandbox-gone');
  });
});
