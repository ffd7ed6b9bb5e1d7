import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { createAutoRuns } from './auto-runs.ts';
import type { Cause } from './step-rules.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

function desk(work: (cause: Cause) => Promise<void> = () => Promise.resolve()) {
  const ran: Cause[] = [];
  const errors: unknown[] = [];
  const auto = createAutoRuns(
    (cause) => (ran.push(cause), work(cause)),
    (error) => errors.push(error),
  );
  return { ran, errors, auto };
}

describe('auto runs', () => {
  it('put together what comes at once, under its weightiest cause', async () => {
    const { ran, auto } = desk();
    for (const cause of ['files', 'command', 'action', 'files', 'command'] as const) auto.ask(cause);
    await vi.advanceTimersByTimeAsync(1000);
    expect(ran).toEqual(['action']);
  });
  it('never two at once; what comes meanwhile is one more', async () => {
    let running = 0;
    const { ran, auto } = desk(async () => {
      expect((running += 1)).toBe(1);
      await vi.advanceTimersByTimeAsync(0);
      await new Promise((resolve) => setTimeout(resolve, 500));
      running -= 1;
    });
    auto.ask('command');
    await vi.advanceTimersByTimeAsync(150);
    for (let i = 0; i < 50; i += 1) auto.ask('command');
    await vi.advanceTimersByTimeAsync(5000);
    expect(ran).toEqual(['command', 'command']);
  });
  it('a check that changes a file each time slows down to every eight seconds', async () => {
    const { ran, auto } = desk(() => {
      setTimeout(() => {
        auto.ask('files');
      }, 100);
      return Promise.resolve();
    });
    auto.ask('command');
    await vi.advanceTimersByTimeAsync(60_000);
    expect(ran.length).toBeLessThan(15);
    const before = ran.length;
    await vi.advanceTimersByTimeAsync(80_000);
    expect(ran.length - before).toBeLessThanOrEqual(11);
  });
  it('a command in between is looked at soon, also while files are slow', async () => {
    const { ran, auto } = desk(() => {
      setTimeout(() => {
        auto.ask('files');
      }, 100);
      return Promise.resolve();
    });
    auto.ask('files');
    await vi.advanceTimersByTimeAsync(60_000);
    ran.length = 0;
    auto.ask('command');
    await vi.advanceTimersByTimeAsync(150);
    expect(ran).toEqual(['command']);
  });
  it('saves some seconds apart are each looked at soon', async () => {
    const { ran, auto } = desk();
    for (let i = 1; i <= 8; i += 1) {
      auto.ask('files');
      await vi.advanceTimersByTimeAsync(300);
      expect(ran).toHaveLength(i);
      await vi.advanceTimersByTimeAsync(4000);
    }
  });
  it('a stream of changes does not put a run off for ever', async () => {
    const { ran, auto } = desk();
    for (let i = 0; i < 100; i += 1) {
      auto.ask('files');
      await vi.advanceTimersByTimeAsync(50);
    }
    expect(ran.length).toBeGreaterThanOrEqual(3);
  });
  it('goes on past a failure, and says it', async () => {
    let fails = true;
    const { ran, errors, auto } = desk(() => (fails ? Promise.reject(new Error('gone')) : Promise.resolve()));
    auto.ask('command');
    await vi.advanceTimersByTimeAsync(200);
    fails = false;
    auto.ask('command');
    await vi.advanceTimersByTimeAsync(200);
    expect(ran).toHaveLength(2);
    expect(errors).toHaveLength(1);
  });
  it('nothing after it is disposed', async () => {
    const { ran, auto } = desk();
    auto.ask('command');
    auto[Symbol.dispose]();
    auto.ask('command');
    await vi.advanceTimersByTimeAsync(1000);
    expect(ran).toEqual([]);
  });
});
