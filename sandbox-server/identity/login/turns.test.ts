import { expect, it } from 'vitest';
import { turns } from './turns.ts';

const pause = (ms: number) => new Promise((done) => setTimeout(done, ms));

it('runs one at a time for a key, in order, and different keys together', async () => {
  const order = turns();
  const said: string[] = [];
  const work = (key: string, name: string, ms: number) =>
    order.take(key, async () => {
      said.push(`${name} begins`);
      await pause(ms);
      said.push(`${name} ends`);
      return name;
    });
  expect(await Promise.all([work('a', 'a1', 30), work('a', 'a2', 1), work('b', 'b1', 5)])).toEqual([
    'a1',
    'a2',
    'b1',
  ]);
  expect(said.filter((s) => s.startsWith('a'))).toEqual(['a1 begins', 'a1 ends', 'a2 begins', 'a2 ends']);
  expect(said.indexOf('b1 begins')).toBeLessThan(said.indexOf('a1 ends'));
});
it('goes on after a failure, which only its own taker is told', async () => {
  const order = turns();
  const failing = order.take('a', () => Promise.reject(new Error('no')));
  const next = order.take('a', () => Promise.resolve('yes'));
  await expect(failing).rejects.toThrow('no');
  expect(await next).toBe('yes');
});
it('settles when nothing runs any more', async () => {
  const order = turns();
  let done = false;
  void order.take('a', async () => {
    await pause(20);
    done = true;
  });
  await order.settled();
  expect(done).toBe(true);
});
