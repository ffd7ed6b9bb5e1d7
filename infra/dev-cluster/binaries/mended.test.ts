import { chmod, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { writeMended, writeModFile } from './mended.ts';

const PATCH = [
  '--- a/pkg/one.go',
  '+++ b/pkg/one.go',
  '@@ -1 +1 @@',
  '-package old',
  '+package new',
  '',
].join('\n');
let root: string;
const at = (name: string) => join(root, name);
const mended = () => ({ source: at('source'), patch: at('p.patch'), copy: at('copy') });
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'palestra-mended-'));
  await mkdir(at('source/pkg'), { recursive: true });
  await writeFile(at('p.patch'), PATCH);
});
afterEach(() => rm(root, { recursive: true }));

it('mends a copy, and the module stays as its sums say', async () => {
  await writeFile(at('source/pkg/one.go'), 'package old\n');
  await chmod(at('source/pkg/one.go'), 0o444);
  await writeMended(mended());
  expect(await readFile(at('copy/pkg/one.go'), 'utf8')).toBe('package new\n');
  expect(await readFile(at('source/pkg/one.go'), 'utf8')).toBe('package old\n');
});

it('another version, which the patch does not fit, is not built', async () => {
  await writeFile(at('source/pkg/one.go'), 'package other\n');
  await expect(writeMended(mended())).rejects.toThrow('patch');
});

it('the copy stands in for the module in a go.mod of its own', async () => {
  await writeFile(at('source/go.mod'), 'module wrapper\n');
  await writeFile(at('source/go.sum'), 'sums\n');
  await mkdir(at('work'));
  const asked: (readonly string[])[] = [];
  const where = { wrapper: at('source'), copy: at('copy'), folder: at('work') };
  const file = await writeModFile('example.org/m', where, (words) => Promise.resolve(asked.push(words)));
  expect(asked).toEqual([['mod', 'edit', '-replace', `example.org/m=${at('copy')}`, file]]);
  expect(await readFile(at('work/go.sum'), 'utf8')).toBe('sums\n');
});
