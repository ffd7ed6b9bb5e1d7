import { chmod, mkdir, mkdtemp, readFile, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { newId } from '../../ids.ts';
import { cgroupBounds, planV1, planV2 } from './cgroup.ts';
import { findBounds } from './find.ts';

const LIMITS = { memory: 3 * 1024 ** 3, disk: 1, pids: 512, cpu: 1.5 };

describe('plans', () => {
  it('of cgroup v2 are one folder with every limit', () => {
    expect(planV2('/cg/ours', 'box', LIMITS)).toEqual([
      {
        folder: '/cg/ours/box',
        files: [
          ['memory.max', '3221225472'],
          ['memory.swap.max', '0'],
          ['memory.oom.group', '0'],
          ['pids.max', '512'],
          ['cpu.max', '150000 100000'],
        ],
      },
    ]);
  });

  it('of cgroup v1 are a folder in each hierarchy', () => {
    const parents = { memory: '/m', pids: '/p', cpu: '/c' };
    expect(planV1(parents, 'box', LIMITS)).toEqual([
      { folder: '/m/box', files: [['memory.limit_in_bytes', '3221225472']] },
      { folder: '/p/box', files: [['pids.max', '512']] },
      {
        folder: '/c/box',
        files: [
          ['cpu.cfs_period_us', '100000'],
          ['cpu.cfs_quota_us', '150000'],
        ],
      },
    ]);
  });
});

describe('groups', () => {
  let mount: string;
  beforeEach(async () => {
    mount = await mkdtemp(join(tmpdir(), 'cgroup-'));
  });
  afterEach(() => rm(mount, { recursive: true }));
  const ours = () => ({
    parents: [join(mount, 'ours')],
    prepare: async () => void (await mkdir(join(mount, 'ours'), { recursive: true })),
  });
  const bounds = () =>
    cgroupBounds('cgroup v2', '', (id, limits) => planV2(join(mount, 'ours'), id, limits), ours());

  it('are made with their limits written, also where the folder above went away meanwhile', async () => {
    const id = newId();
    expect(await bounds().make(id, LIMITS)).toEqual([join(mount, 'ours', id)]);
    expect(await readFile(join(mount, 'ours', id, 'pids.max'), 'utf8')).toBe('512');
    await rm(join(mount, 'ours'), { recursive: true });
    await bounds().make(id, LIMITS);
    expect(bounds().of(id)).toEqual([join(mount, 'ours', id)]);
  });

  it('count what the kernel ended for want of memory, in both spellings', async () => {
    const folder = join(mount, 'x');
    await mkdir(folder);
    expect(await bounds().memoryKills([folder])).toBe(0);
    await writeFile(join(folder, 'memory.events'), 'low 0\noom 3\noom_kill 2\noom_group_kill 0\n');
    expect(await bounds().memoryKills([folder])).toBe(2);
    await rm(join(folder, 'memory.events'));
    await writeFile(join(folder, 'memory.oom_control'), 'oom_kill_disable 0\nunder_oom 0\noom_kill 1\n');
    expect(await bounds().memoryKills([folder])).toBe(1);
  });

  it('are removed by name, never anything else', async () => {
    const folder = join(mount, newId());
    await mkdir(folder);
    await bounds().remove([folder, folder]);
    expect(await readdir(mount)).toEqual([]);
    await expect(bounds().remove([mount])).rejects.toThrow('not a sandbox’s cgroup'.replace('’', "'"));
  });

  it('leave the folder above while somebody needs it', async () => {
    await mkdir(join(mount, 'ours', newId()), { recursive: true });
    await bounds().close();
    expect(await readdir(join(mount, 'ours'))).toHaveLength(1);
    await rm(join(mount, 'ours'), { recursive: true });
    await mkdir(join(mount, 'ours'));
    await bounds().close();
    await bounds().close();
    expect(await readdir(mount)).toEqual([]);
  });
});

describe('finding bounds', () => {
  let mount: string;
  beforeEach(async () => {
    mount = await mkdtemp(join(tmpdir(), 'cgroup-'));
  });
  afterEach(() => rm(mount, { recursive: true }));

  it('finds none where nothing is mounted, and says why', async () => {
    const bounds = await findBounds({ mount, self: '0::/user.slice\n', name: 'palestra-x' });
    expect(bounds.kind).toBe('none');
    expect(bounds.found).toMatch(/cgroup\.controllers.*no cgroup v1 for memory/s);
    expect(await bounds.make(newId(), LIMITS)).toEqual([]);
  });

  it('finds none where v2 lacks a controller', async () => {
    await writeFile(join(mount, 'cgroup.controllers'), 'cpu pids\n');
    expect((await findBounds({ mount, self: '0::/\n', name: 'palestra-x' })).found).toContain(
      'cgroup v2 without memory',
    );
  });

  it.runIf(process.getuid?.() !== 0)('finds none where v2 is not delegated', async () => {
    await writeFile(join(mount, 'cgroup.controllers'), 'cpu memory pids\n');
    await mkdir(join(mount, 'user'));
    await chmod(join(mount, 'user'), 0o555);
    expect((await findBounds({ mount, self: '0::/user\n', name: 'palestra-x' })).found).toContain(
      'not delegated',
    );
  });

  it('takes the highest folder of v2 that it may write to, and passes the controllers down', async () => {
    // a plain folder stands in for the kernel's: the trial's process joins by a file that is written like any other
    await writeFile(join(mount, 'cgroup.controllers'), 'cpuset cpu memory pids\n');
    for (const folder of [mount, join(mount, 'user'), join(mount, 'user/app')]) {
      await mkdir(folder, { recursive: true });
      for (const name of ['cgroup.procs', 'cgroup.subtree_control']) await writeFile(join(folder, name), '');
    }
    const trial = findBounds({ mount, self: '0::/user/app\n', name: 'palestra-x' });
    // the kernel's rmdir takes its own files along; a plain folder's does not, so the trial cannot clear up after itself
    expect((await trial).kind).toBe('none');
    expect(await readFile(join(mount, 'cgroup.subtree_control'), 'utf8')).toBe('+memory +pids +cpu');
    const [id = ''] = (await readdir(join(mount, 'palestra-x'))).filter((name) => name.length === 20);
    expect(await readFile(join(mount, 'palestra-x', id, 'cgroup.procs'), 'utf8')).toMatch(/^\d+$/);
  });

  it('does what it says on this very machine', async () => {
    const bounds = await findBounds({ name: `palestra-test-${process.pid}` });
    if (bounds.kind === 'none') return expect(bounds.found).not.toBe('');
    const folders = await bounds.make(newId(), { memory: 64 * 1024 ** 2, disk: 0, pids: 3, cpu: 1 });
    for (const folder of folders) expect(await readdir(folder)).toContain('cgroup.procs');
    await bounds.remove(folders);
    await bounds.close();
  });
});
