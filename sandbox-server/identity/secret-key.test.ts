import { mkdtemp, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { secretKeyAt } from './secret-key.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'palestra-key-'));
});
afterEach(() => rm(folder, { recursive: true }));

it('makes a key once, for this user alone, and keeps it', async () => {
  const file = join(folder, 'keys', 'identity.key');
  const key = await secretKeyAt(file);
  expect(key).toHaveLength(32);
  expect(await secretKeyAt(file)).toEqual(key);
  expect((await stat(file)).mode & 0o777).toBe(0o600);
  expect((await stat(join(folder, 'keys'))).mode & 0o777).toBe(0o700);
});
it('gives servers that start together the same key, and leaves no draft', async () => {
  const file = join(folder, 'identity.key');
  const keys = await Promise.all(Array.from({ length: 20 }, () => secretKeyAt(file)));
  expect(new Set(keys.map((k) => k.toString('hex'))).size).toBe(1);
  expect(await readdir(folder)).toEqual(['identity.key']);
});
it('says which file is no key instead of using it', async () => {
  const file = join(folder, 'identity.key');
  await writeFile(file, '');
  await expect(secretKeyAt(file)).rejects.toThrow(file);
});
