import { describe, expect, it } from 'vitest';
import { createLanes } from './lanes.ts';

const pause = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms));

describe('lanes', () => {
  it('keep the order of one key, also past a failure', async () => {
    const lanes = createLanes();
    const said: string[] = [];
    const first = lanes.in('a', async () => {
      await pause(20);
      said.push('first');
      throw new Error('no');
    });
    const second = lanes.in('a', () => Promise.resolve(said.push('second')));
    await expect(first).rejects.toThrow('no');
    await second;
    expect(said).toEqual(['first', 'second']);
  });
  it('let other keys pass', async () => {
    const lanes = createLanes();
    const said: string[] = [];
    const slow = lanes.in('a', async () => {
      await pause(30);
      said.push('a');
    });
    await lanes.in('b', () => Promise.resolve(said.push('b')));
    await slow;
    expect(said).toEqual(['b', 'a']);
  });
  it('settle once all is done', async () => {
    const lanes = createLanes();
    let done = 0;
    for (let i = 0; i < 5; i += 1) void lanes.in('a', () => pause(1).then(() => void (done += 1)));
    await lanes.settled();
    expect(done).toBe(5);
  });
});
