/** What becomes of a lab whose machine is to be emptied (`palestra drain`). */
import { afterEach, describe, expect, it } from 'vitest';
import { Problem } from '../contract/errors.ts';
import { ground, type Ground } from './testing/ground.ts';

let g: Ground;
afterEach(() => g.close());

describe('a machine that is to be emptied', () => {
  it('its labs are paused, saved first, and say why; one click goes on', async () => {
    g = await ground();
    const ada = await g.who('ada');
    const { id } = await g.until(ada, (await g.start(ada, 'one')).id, 'ready');
    const closed: string[] = [];
    g.labs.onClosed((_lab, why) => closed.push(why));
    g.driver.leave(id, 'its machine is taken out of service');
    const paused = await g.until(ada, id, 'paused');
    expect(paused.problem).toMatchObject({
      code: 'sandbox-gone',
      message: expect.stringMatching(/taken out of service.*saved just before.*Resume/) as string,
    });
    expect(closed).toEqual(['paused']);
    expect(await g.driver.list()).toEqual([]);
    await g.labs.resume(ada, id);
    expect((await g.until(ada, id, 'ready')).problem).toBeNull();
  });

  it('one that cannot be saved now stays, and leaves when it is said again', async () => {
    g = await ground();
    const ada = await g.who('ada');
    const { id } = await g.until(ada, (await g.start(ada, 'one')).id, 'ready');
    const release = g.driver.release.bind(g.driver);
    const refused = Promise.withResolvers<undefined>();
    g.driver.release = () => {
      refused.resolve(undefined);
      return Promise.reject(new Problem('unavailable', 'Your files could not be saved just now.'));
    };
    g.driver.leave(id, 'maintenance');
    await refused.promise;
    expect((await g.until(ada, id, 'pausing')).state).toBe('pausing');
    expect(await g.driver.list()).toHaveLength(1);
    g.driver.release = release;
    g.driver.leave(id, 'maintenance');
    await g.until(ada, id, 'paused');
    expect(await g.driver.list()).toEqual([]);
  });

  it('a late word about a sandbox that was replaced since changes nothing', async () => {
    g = await ground();
    const ada = await g.who('ada');
    const { id } = await g.until(ada, (await g.start(ada, 'one')).id, 'ready');
    const [before] = await g.driver.list();
    await g.labs.pause(ada, id);
    await g.labs.resume(ada, id);
    await g.until(ada, id, 'ready');
    for (const listener of g.driver.listening())
      if (before !== undefined) listener({ type: 'leaving', sandbox: before, reason: 'maintenance' });
    await g.labs.list(ada);
    expect((await g.labs.get(ada, id)).state).toBe('ready');
  });
});
