import { describe, expect, it } from 'vitest';
import { Credit, LEAST, MOST } from './credit.ts';

/** A path of a delay (ms, both ways together) and a reader of a rate (bytes/ms), flooded for `ms`. */
function flood(
  credit: Credit,
  { delay, rate, ms }: { delay: number; rate: number; ms: number },
  from = 0,
  start = 0,
) {
  let sent = start;
  let drawn = start;
  let time = from;
  const arriving: { end: number; at: number }[] = [];
  const acks: { offset: number; at: number }[] = [];
  let largest = 0;
  for (; time < from + ms; time += 0.25) {
    const room = Math.min(credit.room, 64 * 1024);
    if (room > 4096) {
      sent += room;
      credit.sent(sent, time);
      arriving.push({ end: sent, at: time + delay / 2 });
    }
    let arrived = drawn;
    while ((arriving[0]?.at ?? Infinity) <= time) arrived = Math.max(arrived, arriving.shift()?.end ?? 0);
    reached = Math.max(reached, arrived);
    const next = Math.min(reached, drawn + rate * 0.25);
    if (Math.floor(next / 16_384) > Math.floor(drawn / 16_384) || (next === reached && next > drawn))
      acks.push({ offset: Math.floor(next), at: time + delay / 2 });
    drawn = next;
    while ((acks[0]?.at ?? Infinity) <= time) credit.ack(acks.shift()?.offset ?? 0, time);
    largest = Math.max(largest, sent - drawn);
  }
  return { throughput: (drawn - start) / ms, queued: sent - drawn, largest, sent, time };
}
let reached = 0;

describe('credit', () => {
  it('a 2 MB/s reader nearby never has more than some tens of ms before its prompt', () => {
    reached = 0;
    const { queued, throughput } = flood(new Credit(0), { delay: 0.3, rate: 2000, ms: 5000 });
    expect(throughput).toBeGreaterThan(1900);
    expect(queued / 2000).toBeLessThan(45);
  });

  it('a standing queue does not creep: after a minute the window is what it was', () => {
    reached = 0;
    const credit = new Credit(0);
    flood(credit, { delay: 0.3, rate: 2000, ms: 60_000 });
    expect(credit.window / 2000).toBeLessThan(60);
  });

  it('fills a long path: 12 MB/s over 50 ms want 600 KB on the way', () => {
    reached = 0;
    const { throughput } = flood(new Credit(0), { delay: 50, rate: 12_000, ms: 10_000 });
    expect(throughput).toBeGreaterThan(10_000);
  });

  it('stays within its least and most', () => {
    reached = 0;
    const slow = new Credit(0);
    flood(slow, { delay: 1, rate: 10, ms: 20_000 });
    expect(slow.window).toBeLessThan(LEAST * 1.2);
    reached = 0;
    const fast = new Credit(0);
    flood(fast, { delay: 200, rate: 100_000, ms: 20_000 });
    expect(fast.window).toBeLessThanOrEqual(MOST);
    expect(fast.window).toBeGreaterThan(MOST / 2);
  });

  it('gives nothing for acks of bytes never sent, old ones, or none', () => {
    const credit = new Credit(100);
    credit.sent(200, 0);
    expect(credit.ack(201, 1)).toBe(false);
    expect(credit.ack(100, 1)).toBe(false);
    expect(credit.ack(50, 1)).toBe(false);
    expect(credit.room).toBe(credit.window - 100);
    expect(credit.ack(200, 1)).toBe(true);
    expect(credit.acked).toBe(200);
    expect(credit.room).toBe(credit.window);
  });

  it('begins anew after a jump', () => {
    const credit = new Credit(0);
    credit.sent(50_000, 0);
    credit.jump(1_000_000);
    expect(credit.room).toBe(credit.window);
    expect(credit.ack(50_000, 1)).toBe(false);
  });
});
