import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { LakeData, LakeNews } from '../contract/lake.ts';
import { silentLog } from '../telemetry/index.ts';
import { lakeOf } from './merge.ts';
import { QUICK_MS } from './pace.ts';
import { createPoller } from './poller.ts';
import type { Poller } from './poller.ts';
import { listed, parts, rule } from './testing/parts.ts';
import { LakeOut, down } from './trouble.ts';

const lakeWith = (...states: ('ok' | 'replicating' | 'stuck')[]): LakeData =>
  lakeOf(parts({ rules: listed(...states.map((state, i) => rule(String(i), { state }))) }));

let answer: () => Promise<LakeData>;
let [rounds, beginnings, idle] = [0, 0, 0];
let signals: AbortSignal[];
let poller: Poller;
beforeEach(() => {
  vi.useFakeTimers();
  [rounds, beginnings, idle] = [0, 0, 0];
  signals = [];
  answer = () => Promise.resolve(lakeWith('ok'));
  poller = createPoller({
    begin: () => {
      beginnings++;
      return (signal) => {
        rounds++;
        signals.push(signal);
        return answer();
      };
    },
    clock: () => Date.now(),
    log: silentLog(),
    onIdle: () => idle++,
  });
});
afterEach(() => {
  poller[Symbol.dispose]();
  vi.useRealTimers();
});
function watch(): { heard: LakeNews[]; leave: () => void } {
  const heard: LakeNews[] = [];
  const watching = poller.watch((news) => heard.push(news));
  return { heard, leave: () => watching[Symbol.dispose]() };
}
const soon = () => vi.advanceTimersByTimeAsync(0);

describe('following a lake', () => {
  it('asks nothing while nobody watches', async () => {
    await vi.advanceTimersByTimeAsync(60_000);
    expect(rounds).toBe(0);
  });

  it('begins with all, then tells what changed and is silent about what did not', async () => {
    const { heard } = watch();
    await soon();
    answer = () => Promise.resolve(lakeWith('stuck'));
    await vi.advanceTimersByTimeAsync(QUICK_MS);
    await vi.advanceTimersByTimeAsync(5 * QUICK_MS);
    expect(heard.map(({ type }) => type)).toEqual(['all', 'changed']);
    expect(heard[1]).toMatchObject({ parts: { rules: [{ state: 'stuck' }] } });
    expect(rounds).toBeGreaterThan(4);
  });

  it('asks once for all who watch; who comes later is told at once what is known', async () => {
    const first = watch();
    await soon();
    const second = watch();
    expect(second.heard).toEqual(first.heard);
    await vi.advanceTimersByTimeAsync(QUICK_MS);
    expect(rounds).toBe(2);
  });

  it('stops in the middle of a question when the last one leaves, and says nothing afterwards', async () => {
    let late: (data: LakeData) => void = () => undefined;
    answer = () => new Promise((resolve) => (late = resolve));
    const [one, other] = [watch(), watch()];
    one.leave();
    expect(signals[0]?.aborted).toBe(false);
    other.leave();
    other.leave();
    expect([signals[0]?.aborted, idle]).toEqual([true, 1]);
    late(lakeWith('ok'));
    await vi.advanceTimersByTimeAsync(60_000);
    expect([rounds, other.heard.length]).toEqual([1, 0]);
  });

  it('begins anew, with all, for who comes after that', async () => {
    watch().leave();
    const { heard } = watch();
    await soon();
    expect([beginnings, heard.map(({ type }) => type)]).toEqual([2, ['all']]);
  });

  it('asks soon after the learner did something, however drowsy it was', async () => {
    watch();
    await vi.advanceTimersByTimeAsync(15 * 60_000);
    const before = rounds;
    poller.stir();
    await vi.advanceTimersByTimeAsync(300);
    expect(rounds).toBe(before + 1);
    // and goes on quickly
    await vi.advanceTimersByTimeAsync(3 * QUICK_MS);
    expect(rounds).toBe(before + 4);
  });

  it('never asks twice at once, also when stirred in the middle of a question', async () => {
    answer = () => new Promise(() => undefined);
    watch();
    for (let i = 0; i < 5; i++) {
      poller.stir();
      await vi.advanceTimersByTimeAsync(1000);
    }
    expect(rounds).toBe(1);
  });
});

describe('a lake that says no', () => {
  const fails = (message: string) => () => Promise.reject(new LakeOut(down(message)));

  it('is said once, asked again with patience, and all is told when it is back', async () => {
    const { heard } = watch();
    await soon();
    answer = fails('nothing listens there');
    await vi.advanceTimersByTimeAsync(60_000);
    const tries = rounds;
    expect(tries).toBeLessThan(12);
    answer = () => Promise.resolve(lakeWith('ok'));
    await vi.advanceTimersByTimeAsync(15_000);
    expect(heard.map(({ type }) => type)).toEqual(['all', 'trouble', 'all']);
  });

  it('tells who comes meanwhile, and another reason as another', async () => {
    answer = fails('it hung up');
    const first = watch();
    await soon();
    expect(watch().heard).toEqual(first.heard);
    answer = fails('its answer broke off');
    await vi.advanceTimersByTimeAsync(2000);
    expect(first.heard).toHaveLength(2);
  });

  it('a mistake of ours is no silence either', async () => {
    answer = () => Promise.reject(new TypeError('x is not a function'));
    const { heard } = watch();
    await soon();
    expect(heard).toMatchObject([{ type: 'trouble', trouble: { reason: 'misbehaved' } }]);
    expect(JSON.stringify(heard)).not.toContain('x is not a function');
  });
});
