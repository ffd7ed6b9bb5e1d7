import { lstat, mkdir, mkdtemp, readFile, readdir, readlink, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { readClaims, removeClaim, writeClaim } from './claims.ts';
import { newId } from '../ids.ts';
import { bringHome, takeHome } from './homes.ts';

const asRoot = process.getuid?.() === 0;
let folder: string;
let rest: string;
let parent: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'homes-'));
  [rest, parent] = [join(folder, 'homes/lab'), join(folder, 'sandbox/home')];
  await mkdir(parent, { recursive: true });
});
afterEach(() => rm(folder, { recursive: true }));

describe('a lab’s home', () => {
  it('is made private at first, moves into a sandbox and back, whole', async () => {
    await bringHome(rest, parent, null);
    expect((await readdir(parent)).sort()).toEqual(['.palestra-logs', 'learner']);
    expect((await lstat(join(parent, 'learner'))).mode & 0o777).toBe(0o700);
    await writeFile(join(parent, 'learner/notes'), 'work');
    await takeHome(parent, rest);
    expect(await readdir(parent)).toEqual([]);
    expect(await readFile(join(rest, 'home/notes'), 'utf8')).toBe('work');
    await bringHome(rest, parent, null);
    expect(await readFile(join(parent, 'learner/notes'), 'utf8')).toBe('work');
  });

  it('comes to the same place when a move begun is begun again', async () => {
    await bringHome(rest, parent, null);
    await writeFile(join(parent, 'learner/notes'), 'work');
    await bringHome(rest, parent, null);
    await takeHome(parent, rest);
    await takeHome(parent, rest);
    expect(await readFile(join(rest, 'home/notes'), 'utf8')).toBe('work');
  });

  it('is not what a learner put in its place: a link is left behind, never followed', async () => {
    await symlink('/etc', join(parent, 'learner'));
    await takeHome(parent, rest);
    expect(await readdir(rest)).toEqual([]);
    expect(await readlink(join(parent, 'learner'))).toBe('/etc');
  });

  it.runIf(asRoot)(
    'belongs to its next sandbox’s uid, links in it included and their targets not',
    async () => {
      const outside = join(folder, 'outside');
      await writeFile(outside, 'not theirs');
      await mkdir(join(rest, 'home/a/b'), { recursive: true });
      await writeFile(join(rest, 'home/a/b/c'), 'x');
      await symlink(outside, join(rest, 'home/link'));
      await bringHome(rest, parent, 1_900_000_001);
      for (const path of ['', 'a', 'a/b', 'a/b/c', 'link'])
        expect((await lstat(join(parent, 'learner', path))).uid).toBe(1_900_000_001);
      expect((await lstat(outside)).uid).toBe(0);
      await takeHome(parent, rest);
      await bringHome(rest, parent, 1_900_000_002);
      expect((await lstat(join(parent, 'learner/a/b/c'))).uid).toBe(1_900_000_002);
    },
  );
});

describe('claims', () => {
  it('are won once, by whoever was first, and read by sandbox', async () => {
    const [lab, one, two] = [newId(), newId(), newId()];
    const winners = await Promise.all([one, two, one, two].map((id) => writeClaim(folder, lab, id)));
    expect(new Set(winners).size).toBe(1);
    expect([...(await readClaims(folder))]).toEqual([[winners[0], lab]]);
    await removeClaim(folder, lab);
    await removeClaim(folder, lab);
    expect((await readClaims(folder)).size).toBe(0);
    expect((await readdir(folder)).filter((name) => name.startsWith('.'))).toEqual([]);
  });

  it('pass over what is not a claim, and one that goes while they are read', async () => {
    await writeFile(join(folder, 'README'), 'x');
    await symlink(join(folder, 'nowhere'), join(folder, newId()));
    expect((await readClaims(folder)).size).toBe(0);
  });
});
