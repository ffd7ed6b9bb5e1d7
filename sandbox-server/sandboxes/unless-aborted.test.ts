import { setImmediate as turn } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { unlessAborted } from './unless-aborted.ts';

const unhandled: unknown[] = [];
const note = (error: unknown): void => void unhandled.push(error);
beforeEach(() => {
  unhandled.length = 0;
  process.on('unhandledRejection', note);
});
afterEach(() => {
  process.off('unhandledRejection', note);
});

const off = new Error('called off');

describe('work that somebody waits for until it is called off', () => {
  it('gives its own end where nobody calls it off', async () => {
    expect(await unlessAborted(Promise.resolve(1), undefined)).toBe(1);
    expect(await unlessAborted(Promise.resolve(2), new AbortController().signal)).toBe(2);
    await expect(
      unlessAborted(Promise.reject(new Error('no')), new AbortController().signal),
    ).rejects.toThrow('no');
  });

  it('is left where it is called off, and what it fails with later is nobody’s', async () => {
    const abort = new AbortController();
    const work = Promise.withResolvers<never>();
    const waiting = unlessAborted(work.promise, abort.signal);
    abort.abort(off);
    await expect(waiting).rejects.toBe(off);
    work.reject(new Error('late'));
    await turn();
    expect(unhandled).toEqual([]);
  });

  it('is not waited for where it was called off before; also then its failure is nobody’s', async () => {
    await expect(unlessAborted(new Promise(() => undefined), AbortSignal.abort(off))).rejects.toBe(off);
    await expect(unlessAborted(Promise.reject(new Error('at once')), AbortSignal.abort(off))).rejects.toBe(
      off,
    );
    await turn();
    expect(unhandled).toEqual([]);
  });
});
