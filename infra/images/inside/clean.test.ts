import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { expect, it } from 'vitest';
import { clean } from './clean.ts';

it('takes away what package tools leave, and keeps the folders and the packages’ own list', async () => {
  const root = await mkdtemp(join(tmpdir(), 'image-'));
  const put = async (path: string) => {
    await mkdir(dirname(join(root, path)), { recursive: true });
    await writeFile(join(root, path), 'x');
  };
  const gone = [
    'var/lib/apt/lists/mirror.example_debian_dists_bookworm_InRelease',
    'var/cache/apt/archives/git.deb',
    'var/log/apt/term.log',
    'var/log/dpkg.log',
    'var/cache/ldconfig/aux-cache',
    'root/.cache/uv/x',
    'tmp/x',
    'var/lib/dpkg/status-old',
  ];
  const kept = ['var/lib/dpkg/status', 'usr/bin/git', 'etc/ssl/certs/ca-certificates.crt'];
  for (const path of [...gone, ...kept]) await put(path);
  await clean(root);
  expect(gone.filter((path) => existsSync(join(root, path)))).toEqual([]);
  expect(kept.filter((path) => !existsSync(join(root, path)))).toEqual([]);
  expect(existsSync(join(root, 'var/lib/apt/lists'))).toBe(true);
  await rm(root, { recursive: true });
});
