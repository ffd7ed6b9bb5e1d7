import { setImmediate as turn } from 'node:timers/promises';
import { afterEach, describe, expect, it } from 'vitest';
import { Problem } from '../contract/errors.ts';
import { contextOf } from './labs.ts';
import { runStart } from './start-run.ts';
import { ground, type Ground } from './testing/ground.ts';

let g: Ground;
const unhandled: unknown[] = [];
const note = (error: unknown): void => void unhandled.push(error);
afterEach(async () => {
  process.off('unhandledRejection', note);
  await g.close();
});

describe('a start that is called off', () => {
  it('leaves nothing behind that ends the server: what was just begun may fail later', async () => {
    g = await ground();
    const ada = await g.who('ada');
    const lab = await g.until(ada, (await g.start(ada, 'one')).id, 'ready');
    process.on('unhandledRejection', note);
    const off = new AbortController();
    const paused = new Problem('conflict', 'The lab was paused.');
    const kits = {
      ...g.options.kits,
      // called off in the moment in which the kit is asked for, and then there is none
      get: () => void off.abort(paused),
      ready: () => Promise.reject(new Problem('kit-missing', 'There is no such kit.')),
    };
    const context = contextOf({ ...g.options, kits });
    await expect(runStart(context, lab.id, off.signal)).rejects.toBe(paused);
    await turn();
    expect(unhandled).toEqual([]);
    context.tokens.close();
  });
});
