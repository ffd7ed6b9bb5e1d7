import { cp, mkdtemp, readFile, rm, writeFile, mkdir } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { readKits } from '../../sandboxes/local/kits/kit-file.ts';
import { newKit } from './kit.ts';

const REAL = join(import.meta.dirname, '../../../infra/kits');
let kits: string;
beforeEach(async () => {
  kits = await mkdtemp(join(tmpdir(), 'kits-'));
  await cp(join(REAL, 'dask'), join(kits, 'dask'), { recursive: true });
});
afterEach(() => rm(kits, { recursive: true }));

describe('a new kit', () => {
  it('is from another, and builds as it stands: its definition is whole', async () => {
    await newKit({ kits, name: 'spectra', from: 'dask', title: 'Spectra: by hand' });
    const all = new Map((await readKits(kits)).map((kit) => [kit.name, kit]));
    expect(all.get('spectra')).toEqual({
      ...all.get('dask'),
      name: 'spectra',
      title: 'Spectra: by hand',
      from: 'dask',
    });
    const text = await readFile(join(kits, 'spectra/kit.yaml'), 'utf8');
    expect(parse(text)).toEqual({ title: 'Spectra: by hand', from: 'dask' });
    expect(text).toContain('npx palestra kit lock spectra\n');
  });

  it('overwrites nothing', async () => {
    await mkdir(join(kits, 'mine'));
    await writeFile(join(kits, 'mine/kit.yaml'), 'title: Mine\n');
    await expect(newKit({ kits, name: 'mine', from: 'dask', title: 'X' })).rejects.toThrow(
      'Nothing was written',
    );
    expect(await readFile(join(kits, 'mine/kit.yaml'), 'utf8')).toBe('title: Mine\n');
  });

  it.each([
    [{ name: 'spectra', from: 'nobody' }, 'There is no kit named "nobody" to begin from. There are: dask.'],
    [{ name: '../up', from: 'dask' }, 'not "../up"'],
    [{ name: 'spectra', from: '../dask' }, 'not "../dask"'],
  ])('with a wrong name leaves nothing: %j', async (names, words) => {
    await expect(newKit({ kits, title: 'X', ...names })).rejects.toThrow(words);
    expect((await readKits(kits)).map(({ name }) => name)).toEqual(['dask']);
  });
});
