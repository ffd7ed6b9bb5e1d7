import { mkdtemp, readFile, readdir, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { isThere, makeWhole } from './settle.ts';

let root: string;
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'settle-'));
});
afterEach(() => rm(root, { recursive: true }));
const write = (text: string) => (folder: string) => writeFile(join(folder, 'a'), text);

describe('a folder made whole', () => {
  it('has its name once it is full, and gives what was made', async () => {
    const folder = join(root, 'whole');
    const made = await makeWhole(folder, async (building) => {
      await write('1')(building);
      expect(await isThere(folder)).toBe(false);
      return 'made';
    });
    expect(made).toBe('made');
    expect(await readFile(join(folder, 'a'), 'utf8')).toBe('1');
    expect(await readdir(root)).toEqual(['whole']);
  });

  it('is the first one where two make it, and nothing of the second is left', async () => {
    await makeWhole(join(root, 'whole'), write('1'));
    await makeWhole(join(root, 'whole'), write('2'));
    expect(await readFile(join(root, 'whole/a'), 'utf8')).toBe('1');
    expect(await readdir(root)).toEqual(['whole']);
  });

  it('is not there where its making fails', async () => {
    const made = makeWhole(join(root, 'whole'), async (building) => {
      await write('1')(building);
      throw new Error('full');
    });
    await expect(made).rejects.toThrow('full');
    expect(await readdir(root)).toEqual([]);
  });
});

describe('isThere', () => {
  it('knows a file, a folder, nothing, and a link to nothing', async () => {
    await writeFile(join(root, 'file'), '');
    await symlink(join(root, 'gone'), join(root, 'dangling'));
    const all = await Promise.all(['file', '.', 'gone', 'dangling'].map((name) => isThere(join(root, name))));
    expect(all).toEqual([true, true, false, false]);
  });

  it('throws what it cannot tell', async () => {
    await writeFile(join(root, 'file'), '');
    await expect(isThere(join(root, 'file/below'))).rejects.toThrow('ENOTDIR');
  });
});
