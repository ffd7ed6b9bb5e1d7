import fs from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { FileChange } from '../../contract/files.ts';
import { watchHome } from './changes.ts';
import type { Changes } from './changes.ts';

let home = '';
let watching: Changes;
let seen: FileChange[] = [];
const waiting = new Set<() => void>();
async function until(holds: () => boolean): Promise<void> {
  while (!holds()) await new Promise<void>((resolve) => waiting.add(resolve));
}
const of = (path: string): string[] => seen.filter((one) => one.path === path).map(({ change }) => change);

beforeEach(async () => {
  home = await fs.mkdtemp(join(tmpdir(), 'palestra-changes-'));
  await fs.mkdir(join(home, 'src'));
  await fs.writeFile(join(home, 'src/old.py'), '1');
  seen = [];
  watching = watchHome(home, (changes) => {
    seen.push(...changes);
    for (const wake of waiting) wake();
  });
  // its first look is over once it tells of something in the deepest folder
  for (let i = 0; !of('src/probe').length; i += 1) {
    await fs.writeFile(join(home, 'src/probe'), String(i));
    await new Promise((resolve) => setTimeout(resolve, 120));
  }
});
afterEach(async () => {
  watching.close();
  await fs.rm(home, { recursive: true, force: true });
});

describe('changes', () => {
  it('tells of files created, changed and deleted, with a tag', async () => {
    await fs.writeFile(join(home, 'src/old.py'), '2');
    await until(() => of('src/old.py').includes('changed'));
    expect(seen.find(({ path }) => path === 'src/old.py')?.etag).toMatch(/^"[\w-]+"$/);
    await fs.writeFile(join(home, 'src/new.py'), '2');
    await until(() => of('src/new.py').includes('created'));
    await fs.rm(join(home, 'src/old.py'));
    await until(() => of('src/old.py').includes('deleted'));
  });

  it('follows folders made while it watches, and forgets those removed', async () => {
    await fs.mkdir(join(home, 'a/b/c'), { recursive: true });
    await fs.writeFile(join(home, 'a/b/c/deep'), '');
    await until(() => of('a/b/c/deep').length > 0);
    await fs.rm(join(home, 'a'), { recursive: true });
    await until(() => of('a').includes('deleted'));
    await fs.mkdir(join(home, 'a'));
    await fs.writeFile(join(home, 'a/again'), '');
    await until(() => of('a/again').includes('created'));
  });

  it('does not look into caches, nor at what is ours', async () => {
    await fs.mkdir(join(home, 'src/__pycache__'));
    await fs.writeFile(join(home, 'src/__pycache__/x.pyc'), '');
    await fs.writeFile(join(home, '.palestra-save-1'), '');
    await fs.writeFile(join(home, 'src/after'), '');
    await until(() => of('src/after').length > 0);
    expect(seen.filter(({ path }) => path.includes('pycache') || path.includes('.palestra'))).toEqual([]);
  });

  it('tells of two thousand files in pieces of at most 500', async () => {
    const pieces: number[] = [];
    const other = watchHome(home, (changes) => pieces.push(changes.length));
    await Promise.all(Array.from({ length: 2000 }, (_, i) => fs.writeFile(join(home, `f${i}`), '')));
    await until(() => seen.filter(({ path }) => path.startsWith('f')).length >= 2000);
    expect(Math.max(...pieces, 0)).toBeLessThanOrEqual(500);
    other.close();
  });
});
