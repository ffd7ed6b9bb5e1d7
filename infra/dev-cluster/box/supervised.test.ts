import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { supervise, waitBefore, type Supervised } from './supervised.ts';

let folder: string;
let one: Supervised;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'palestra-supervised-'));
});
afterEach(async () => {
  await one.stop();
  await rm(folder, { recursive: true });
});

function start(script: string, ready: () => Promise<boolean> = () => Promise.resolve(true)): Supervised {
  one = supervise(
    { name: 'one', argv: ['sh', '-c', script], ready: { url: '' } },
    { log: join(folder, 'log'), env: { PATH: '/usr/bin:/bin' }, cwd: folder, ask: ready },
  );
  return one;
}
async function until(good: () => boolean): Promise<void> {
  while (!good()) await delay(10);
}

describe('a supervised program', () => {
  it('is started again when it ends, later each time, and its words are kept', async () => {
    start('echo here; exit 3');
    await until(() => one.restarts >= 2);
    expect(one.lastEnd).toBe('status 3');
    expect(
      (await readFile(join(folder, 'log'), 'utf8')).split('\n').filter((line) => line === 'here').length,
    ).toBeGreaterThanOrEqual(2);
  });

  it('is started again when it was killed', async () => {
    start('exec sleep 60');
    await one.untilReady(5_000);
    const first = one.pid;
    if (first === null) throw new Error('it runs');
    process.kill(first, 'SIGKILL');
    await until(() => one.pid !== null && one.pid !== first);
    expect(one).toMatchObject({ restarts: 1, lastEnd: 'SIGKILL' });
  });

  it('one that is not there is said, and asked for again', async () => {
    one = supervise(
      { name: 'one', argv: ['/nowhere/at-all'], ready: { url: '' } },
      { log: join(folder, 'log'), env: {}, cwd: folder, ask: () => Promise.resolve(true) },
    );
    await until(() => one.restarts >= 1);
    expect(one.lastEnd).toContain('ENOENT');
  });

  it('is not started again once it was ended, though it does not listen', async () => {
    start("trap '' TERM; while :; do sleep 1; done");
    await one.untilReady(5_000);
    await one.stop(200);
    expect(one.pid).toBeNull();
    await delay(300);
    expect(one.restarts).toBe(0);
  });

  it('that never becomes ready is given up by who waits, with its last end', async () => {
    start('exit 7', () => Promise.resolve(false));
    await expect(one.untilReady(600)).rejects.toThrow(/one was not ready in 0.6 s.*status 7/);
  });
});

it('waits twice as long each time, and at most 10 s', () => {
  expect([0, 1, 2, 3, 10].map(waitBefore)).toEqual([200, 400, 800, 1600, 10_000]);
});
