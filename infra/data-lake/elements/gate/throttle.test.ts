import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { pipeline } from 'node:stream/promises';
import { describe, expect, it } from 'vitest';
import { throttle } from './throttle.ts';

describe('a slow line', () => {
  it('lets so many bytes a second through, all of them and in order', async () => {
    const sent = Buffer.from(Array.from({ length: 5_000 }, (_, i) => i % 251));
    const began = Date.now();
    const got = await buffer(Readable.from([sent.subarray(0, 10), sent.subarray(10)]).pipe(throttle(10_000)));
    expect(got).toEqual(sent);
    expect(Date.now() - began).toBeGreaterThanOrEqual(450);
  });
  it('comes evenly, not at the end', async () => {
    const line = Readable.from([Buffer.alloc(10_000)]).pipe(throttle(20_000));
    const times: number[] = [];
    for await (const _ of line) times.push(Date.now());
    expect(times.length).toBeGreaterThanOrEqual(5);
    expect((times.at(-1) ?? 0) - (times[0] ?? 0)).toBeGreaterThan(200);
  });
  it('ends at once when it is destroyed', async () => {
    const line = throttle(100);
    const under = pipeline(Readable.from([Buffer.alloc(1_000_000)]), line, async (source) => {
      for await (const _ of source) line.destroy(new Error('left'));
    });
    await expect(under).rejects.toThrow('left');
  });
});
