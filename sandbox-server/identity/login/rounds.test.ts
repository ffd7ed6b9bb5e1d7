import { expect, it, vi } from 'vitest';
import { silentLog } from '../../telemetry/index.ts';
import { rounds } from './rounds.ts';

const pause = (ms: number) => new Promise((done) => setTimeout(done, ms));

it('never runs twice at once, however slow a round is', async () => {
  let [now, most, all] = [0, 0, 0];
  const going = rounds(
    1,
    async () => {
      all += 1;
      most = Math.max(most, ++now);
      await pause(15);
      now -= 1;
    },
    silentLog(),
  );
  await expect.poll(() => all, { timeout: 10_000 }).toBeGreaterThan(3);
  await going.close();
  expect([most, now]).toEqual([1, 0]);
  const before = all;
  await pause(20);
  expect(all).toBe(before);
});
it('logs a failure and goes on', async () => {
  const log = silentLog();
  const said = vi.spyOn(log, 'error');
  let all = 0;
  const going = rounds(1, () => Promise.reject(new Error(String(++all))), log);
  await expect.poll(() => all, { timeout: 10_000 }).toBeGreaterThan(2);
  await going.close();
  expect(said.mock.calls.length).toBeGreaterThan(1);
});
it('does nothing at 0', async () => {
  let all = 0;
  const none = rounds(0, () => Promise.resolve(void all++), silentLog());
  await pause(10);
  await none.close();
  expect(all).toBe(0);
});
