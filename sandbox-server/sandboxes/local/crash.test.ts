/** What a server that dies leaves behind, and what the next one makes of it. */
import { execFile } from 'node:child_process';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { answers } from '../agent-process/answers.ts';
import { runInside, settled, until } from '../conformance.ts';
import { newId } from '../ids.ts';
import { descendants, endTree, processName } from './process.ts';
import { readClaims } from './claims.ts';
import { readRecord } from './record.ts';
import { localSubject, type LocalSubject } from './testing/local-subject.ts';

const CRASHING = new URL('./testing/crashing-server.ts', import.meta.url).pathname;

/** @returns the signal it died of */
function crash(orders: object): Promise<string | null> {
  return new Promise((resolve, reject) => {
    execFile(
      process.execPath,
      [CRASHING, JSON.stringify(orders)],
      { timeout: 30_000 },
      (error, _out, complaint) => {
        if (error?.signal === 'SIGKILL') resolve('SIGKILL');
        else reject(new Error(`it did not die as ordered: ${complaint}`));
      },
    );
  });
}

describe('a server that dies', () => {
  let first: LocalSubject;
  let lab: string;
  beforeEach(async () => {
    first = await localSubject();
    lab = newId();
    // the lab has worked before: its home holds something
    const sandbox = await first.driver.claim({ lab, kit: 'bare' });
    await runInside(
      sandbox,
      'cd; echo "an afternoon of work" > notes; ln -s /etc/passwd link; mkdir -p a/b; echo x > a/b/c',
    );
    await first.driver.release(lab);
    await first.driver.close();
  });
  afterEach(() => first.close());

  /** The next server: adopts, and gives the lab its sandbox. */
  const nextServer = async () => {
    const next = await localSubject({ place: first.place });
    await next.driver.adopt();
    return next.driver;
  };
  const expectWhole = async (driver: LocalSubject['driver']) => {
    const sandbox = await driver.claim({ lab, kit: 'bare' });
    const seen = await runInside(
      sandbox,
      'cd; cat notes a/b/c; readlink link; touch a/b/new && echo writable',
    );
    expect(seen.stdout).toBe('an afternoon of work\nx\n/etc/passwd\nwritable\n');
    expect((await driver.list()).filter((s) => s.lab === lab)).toHaveLength(1);
    return sandbox;
  };
  const expectNothingElse = async () => {
    const claims = await readClaims(first.folders.claims);
    const ids = await readdir(first.folders.sandboxes);
    for (const id of ids) expect(await readRecord(join(first.folders.sandboxes, id))).not.toBeNull();
    expect([...claims.keys()].filter((id) => !ids.includes(id))).toEqual([]);
    expect(
      (await readdir(first.place.sockets)).filter((name) => !ids.includes(name.replace('.sock', ''))),
    ).toEqual([]);
  };

  for (const step of ['folder', 'launched', 'recorded', 'begun', 'answered', 'claimed', 'moved']) {
    it(`F1 kill -9 at the step "${step}" of a claim: one sandbox, the home whole, nothing left over`, async () => {
      await crash({ place: first.place, lab, step });
      const driver = await nextServer();
      const sandbox = await expectWhole(driver);
      await expectNothingElse();
      await driver.release(lab);
      expect(await answers(sandbox.agent, 500)).toBe(false);
      await driver.close();
    });
  }

  for (const step of ['ended', 'returned', 'unclaimed']) {
    it(`F1 kill -9 at the step "${step}" of a release: the home is back, nothing runs`, async () => {
      await crash({ place: first.place, lab, step, release: true });
      const driver = await nextServer();
      expect(await driver.list()).toEqual([]);
      await expectNothingElse();
      await expectWhole(driver);
      await driver.close();
    });
  }

  it('F12 a claim whose reply was lost is adopted, not made again', async () => {
    const before = await nextServer();
    const sandbox = await before.claim({ lab, kit: 'bare' });
    const { stdout } = await runInside(sandbox, 'echo $PPID');
    await before.close(); // the server goes; the sandbox does not
    expect(await answers(sandbox.agent, 1_000)).toBe(true);
    const after = await localSubject({ place: first.place });
    expect(await after.driver.adopt()).toEqual([sandbox]);
    expect(await after.driver.claim({ lab, kit: 'bare' })).toEqual(sandbox);
    expect((await runInside(sandbox, 'echo $PPID')).stdout).toBe(stdout);
    await after.driver.close();
  });

  it('F3 a sandbox that died while no server ran is not adopted, and its home comes back', async () => {
    const before = await nextServer();
    const sandbox = await before.claim({ lab, kit: 'bare' });
    const record = await readRecord(join(first.folders.sandboxes, sandbox.id));
    await before.close();
    if (record !== null) await endTree(record.process);
    const after = await nextServer();
    expect(await after.list()).toEqual([]);
    await expectNothingElse();
    const again = await expectWhole(after);
    expect(again.id).not.toBe(sandbox.id);
    await after.close();
  });

  it('finds warm sandboxes again and gives them', async () => {
    const before = await nextServer();
    before.keepWarm('bare', 2);
    const warm = await settled(before, 2);
    await before.close();
    const after = await nextServer();
    expect((await after.list()).map((s) => s.id).sort()).toEqual(warm.map((s) => s.id).sort());
    expect(warm.map((s) => s.id)).toContain((await expectWhole(after)).id);
    await after.close();
  });

  it('leaves no process when a sandbox ends, whatever ran in it', async () => {
    const driver = await nextServer();
    const sandbox = await driver.claim({ lab, kit: 'bare' });
    const record = await readRecord(join(first.folders.sandboxes, sandbox.id));
    await runInside(
      sandbox,
      'for i in 1 2 3; do setsid nohup sleep 1000 >/dev/null 2>&1 & done; (trap "" TERM HUP; sleep 1000) >/dev/null 2>&1 &',
    );
    const below = await descendants(record?.process.pid ?? 0);
    expect(below.length).toBeGreaterThan(4);
    await driver.release(lab);
    await until(async () => (await Promise.all(below.map((pid) => gone(pid)))).every(Boolean), 5_000);
    await driver.close();
  });

  it('T75 twenty claims and releases leave folders, sockets and descriptors as they were', async () => {
    const driver = await nextServer();
    driver.keepWarm('bare', 2);
    await settled(driver, 2);
    const fds = async () => (await readdir('/proc/self/fd')).length;
    const before = await fds();
    for (let round = 0; round < 4; round += 1) {
      const labs = Array.from({ length: 5 }, newId);
      await Promise.all(labs.map((id) => driver.claim({ lab: id, kit: 'bare' })));
      await Promise.all(labs.map((id) => driver.release(id).then(() => driver.discard(id))));
    }
    await settled(driver, 2);
    await until(async () => (await fds()) <= before + 4, 5_000);
    expect(await readdir(first.folders.homes)).toEqual([lab]);
    await expectNothingElse();
    await driver.close();
  }, 60_000);
});

async function gone(pid: number): Promise<boolean> {
  return (await processName(pid)) === null;
}
