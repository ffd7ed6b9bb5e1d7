import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { kitNew } from './kit.ts';

let above: string;
let kits: string;
beforeEach(async () => {
  above = await mkdtemp(join(tmpdir(), 'kit-verb-'));
  kits = join(above, 'kits');
  await mkdir(join(kits, 'base'), { recursive: true });
  await writeFile(join(kits, 'base/kit.yaml'), 'title: Base\n');
});
afterEach(() => rm(above, { recursive: true }));

it.each(['../spectra', 'sub/spectra', 'Spectra of lines', '.spectra'])(
  'kit new refuses a name that is none, and makes no other of it: %s',
  async (name) => {
    await expect(kitNew(name, { from: 'base' }, kits)).rejects.toThrow(`not "${name}"`);
    expect([await readdir(above), await readdir(kits)]).toEqual([['kits'], ['base']]);
  },
);

it('kit new takes a name as it is', async () => {
  await kitNew('spectra', { from: 'base' }, kits);
  expect(await readdir(kits)).toEqual(['base', 'spectra']);
});
