import { mkdtemp, readFile, readdir, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { LakePlace } from '../place.ts';
import { provideCode } from './code.ts';

let rucio: string;
beforeEach(async () => {
  rucio = await mkdtemp(join(tmpdir(), 'lake-code-'));
});
afterEach(() => rm(rucio, { recursive: true }));
const provide = () => provideCode({ folders: { rucio } } as LakePlace);

describe("our Python beside Rucio's", () => {
  it('is a package that others may read, in a folder named by what is in it', async () => {
    const folder = await provide();
    expect(basename(folder)).toMatch(/^[0-9a-f]{12}$/);
    expect(await readFile(join(folder, 'palestra_lake/wsgi.py'), 'utf8')).toContain('application');
    expect((await stat(join(folder, 'palestra_lake/wsgi.py'))).mode & 0o004).toBe(0o004);
    expect((await stat(folder)).mode & 0o005).toBe(0o005);
  });

  it('is never written again while somebody may be importing it', async () => {
    const folder = await provide();
    const before = await stat(join(folder, 'palestra_lake/wsgi.py'));
    expect(await provide()).toBe(folder);
    const after = await stat(join(folder, 'palestra_lake/wsgi.py'));
    expect([after.ino, after.ctimeMs]).toEqual([before.ino, before.ctimeMs]);
  });

  it('is whole for each of two who make it at once, and one', async () => {
    const [first, second] = await Promise.all([provide(), provide()]);
    expect(second).toBe(first);
    expect(await readdir(join(rucio, 'python'))).toEqual([basename(first)]);
  });
});
