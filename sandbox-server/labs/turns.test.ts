import { describe, expect, it } from 'vitest';
import { Problem } from '../contract/errors.ts';
import { createTurns } from './turns.ts';

/** A place that holds `room` and says no-capacity beyond. */
function house(room: number) {
  let inside = 0;
  const order: string[] = [];
  return {
    order,
    claim: (who: string) => async () => {
      await Promise.resolve();
      if (inside >= room) throw new Problem('no-capacity', 'full');
      inside += 1;
      order.push(who);
      return who;
    },
    free: () => void (inside -= 1),
  };
}
const never = () => new AbortController().signal;
const soon = () => new Promise((resolve) => setTimeout(resolve, 5));

describe('turns', () => {
  it('lets through at once while there is room', async () => {
    const { claim } = house(1);
    const places: number[] = [];
    expect(await createTurns().take(claim('a'), never(), (p) => places.push(p))).toBe('a');
    expect(places).toEqual([]);
  });
  it('serves in the order of asking and tells places', async () => {
    const turns = createTurns(60_000);
    const { claim, free, order } = house(1);
    await turns.take(claim('a'), never(), () => undefined);
    const places: Record<string, number[]> = { b: [], c: [], d: [] };
    const waiting = ['b', 'c', 'd'].map((who) =>
      turns.take(claim(who), never(), (p) => places[who]?.push(p)),
    );
    await soon();
    expect(places).toMatchObject({
      b: expect.arrayContaining([1]) as number[],
      c: expect.arrayContaining([2]) as number[],
    });
    for (const _ of waiting) {
      free();
      turns.freed();
      await soon();
    }
    expect(await Promise.all(waiting)).toEqual(['b', 'c', 'd']);
    expect(order).toEqual(['a', 'b', 'c', 'd']);
    expect(places['d']?.at(-1)).toBe(1);
  });
  it('while one that has its place still starts, the next tries; a place that came to nothing is first again', async () => {
    const turns = createTurns(60_000);
    const tried: string[] = [];
    const starts = new Map<string, PromiseWithResolvers<string>>();
    const claim = (who: string) => (placed: () => void) => {
      tried.push(who);
      if (tried.length <= 2) return Promise.reject(new Problem('no-capacity', 'full'));
      placed();
      const start = Promise.withResolvers<string>();
      starts.set(who, start);
      return start.promise;
    };
    const a = turns.take(claim('a'), never(), () => undefined);
    await soon();
    const b = turns.take(claim('b'), never(), () => undefined);
    await soon();
    turns.freed();
    await soon();
    expect(tried).toEqual(['a', 'a']);
    turns.freed();
    await soon();
    expect(tried).toEqual(['a', 'a', 'a', 'b']);
    starts.get('a')?.reject(new Problem('no-capacity', 'it did not start'));
    await soon();
    turns.freed();
    await soon();
    expect(tried.at(-1)).toBe('a');
    for (const [who, start] of starts) start.resolve(who);
    expect(await Promise.all([a, b])).toEqual(['a', 'b']);
  });
  it('a later start does not overtake who waits', async () => {
    const turns = createTurns(60_000);
    const { claim, free, order } = house(1);
    await turns.take(claim('a'), never(), () => undefined);
    const b = turns.take(claim('b'), never(), () => undefined);
    await soon();
    free();
    const c = turns.take(claim('c'), never(), () => undefined);
    await soon();
    expect(order).toEqual(['a']);
    turns.freed();
    await b;
    free();
    turns.freed();
    await c;
    expect(order).toEqual(['a', 'b', 'c']);
  });
  it('who leaves makes room for the next; their own abort reason is thrown', async () => {
    const turns = createTurns(60_000);
    const { claim, free } = house(1);
    await turns.take(claim('a'), never(), () => undefined);
    const gone = new AbortController();
    const b = turns.take(claim('b'), gone.signal, () => undefined);
    const c = turns.take(claim('c'), never(), () => undefined);
    await soon();
    free();
    gone.abort(new Error('paused'));
    await expect(b).rejects.toThrow('paused');
    expect(await c).toBe('c');
  });
  it('tries by itself too, and passes on every other failure', async () => {
    const turns = createTurns(2);
    const { claim, free } = house(1);
    await turns.take(claim('a'), never(), () => undefined);
    const b = turns.take(claim('b'), never(), () => undefined);
    setTimeout(free, 10);
    expect(await b).toBe('b');
    await expect(
      turns.take(
        () => Promise.reject(new Error('broken')),
        never(),
        () => undefined,
      ),
    ).rejects.toThrow('broken');
  });
});
