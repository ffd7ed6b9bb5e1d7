import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { runInside } from '../conformance.ts';
import { newId } from '../ids.ts';
import { becomeOwner, giveUpPlace } from './owner.ts';
import { processName } from './process.ts';
import { localSubject } from './testing/local-subject.ts';

describe('who looks after a place', () => {
  let root: string;
  beforeEach(async () => {
    root = await mkdtemp(join(tmpdir(), 'owner-'));
  });
  afterEach(() => rm(root, { recursive: true }));

  it('is the first, again and again, until it gives up', async () => {
    expect(await becomeOwner(root)).toBe(true);
    expect(await becomeOwner(root)).toBe(true);
    await giveUpPlace(root);
    await giveUpPlace(root);
    expect(await readdir(root)).toEqual([]);
  });

  it('is not the second while the first lives, and is once it died', async () => {
    const other = spawn('sleep', ['60'], { stdio: 'ignore' });
    await writeFile(join(root, 'owner.json'), JSON.stringify(await processName(other.pid ?? 0)));
    expect(await becomeOwner(root)).toBe(false);
    await giveUpPlace(root);
    expect(await readdir(root)).toEqual(['owner.json']);
    other.kill();
    await once(other, 'exit');
    expect(await becomeOwner(root)).toBe(true);
  });

  it('is not a process that merely has the pid of a dead one', async () => {
    const mine = await processName(process.ppid);
    await writeFile(join(root, 'owner.json'), JSON.stringify({ ...mine, startTime: 1 }));
    expect(await becomeOwner(root)).toBe(true);
  });
});

describe('a driver beside the owner of a place', () => {
  it('sees what runs, has sandboxes of its own, and clears nothing away', async () => {
    const server = await localSubject();
    await server.driver.adopt();
    const theirs = await server.driver.claim({ lab: newId(), kit: 'bare' });
    const underWay = join(server.folders.sandboxes, newId());
    await mkdir(underWay);
    const other = spawn('sleep', ['60'], { stdio: 'ignore' });
    await writeFile(join(server.place.root, 'owner.json'), JSON.stringify(await processName(other.pid ?? 0)));

    const beside = await localSubject({ place: server.place });
    expect(await beside.driver.adopt()).toEqual([]);
    expect(await beside.driver.list()).toEqual([theirs]);
    const ours = await beside.driver.claim({ lab: newId(), kit: 'bare' });
    expect((await beside.driver.list()).map((s) => s.id).sort()).toEqual([theirs.id, ours.id].sort());
    await beside.driver.release(ours.lab ?? '');
    await beside.driver.close();
    expect(await readdir(server.folders.sandboxes)).toContain(underWay.split('/').at(-1));
    expect((await runInside(theirs, 'echo still here')).stdout).toBe('still here\n');

    other.kill();
    await once(other, 'exit');
    await server.close();
  });
});
