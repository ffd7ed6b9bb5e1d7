import { mkdtemp, readFile, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { missingBinaries, placeBinaries } from './binaries.ts';
import { canBuild, goVersion } from './go.ts';
import { OF_A_CLUSTER, RECIPES, buildWords } from './recipes.ts';

const MODULES = join(import.meta.dirname, '../modules');

describe('a binary', () => {
  it('lies in a folder named by what it is made of, the same each time', async () => {
    const [first, second] = await Promise.all([placeBinaries('/c'), placeBinaries('/c')]);
    expect(first).toEqual(second);
    expect(first.etcd).toMatch(/^\/c\/etcd-[0-9a-f]{12}\/etcd$/);
    expect(new Set(Object.values(first)).size).toBe(Object.keys(RECIPES).length);
  });

  it('is missing where it was not built', async () => {
    const cache = await mkdtemp(join(tmpdir(), 'palestra-binaries-'));
    const binaries = await placeBinaries(cache);
    expect(await missingBinaries(binaries, OF_A_CLUSTER)).toEqual(OF_A_CLUSTER);
    await rm(cache, { recursive: true });
  });

  it('is built from what go.sum says and nothing else, the same bytes on every machine', () => {
    for (const recipe of Object.values(RECIPES))
      expect(buildWords(recipe, '/out')).toEqual(
        expect.arrayContaining(['-mod=readonly', '-trimpath', '-buildvcs=false', '/out', recipe.package]),
      );
  });

  it('tells the version of Kubernetes that its module pins', async () => {
    const pinned = /k8s\.io\/kubernetes (v[\d.]+)/.exec(await readFile(join(MODULES, 'kube/go.mod'), 'utf8'));
    expect(RECIPES.kube.ldflags).toContain(`k8s.io/component-base/version.gitVersion=${pinned?.[1]} `);
  });

  it('has a module with sums, which names no mirror', async () => {
    expect((await readdir(MODULES)).sort()).toEqual(Object.keys(RECIPES).sort());
    for (const name of Object.keys(RECIPES))
      for (const file of ['go.mod', 'go.sum'])
        expect(await readFile(join(MODULES, name, file), 'utf8')).not.toMatch(/https?:/);
  });
});

describe('Go', () => {
  it.each([
    ['go version go1.26.8 linux/amd64', [1, 26]],
    ['go version go1.19.8 linux/amd64', [1, 19]],
    ['', null],
    ['command not found', null],
  ])('%j', (text, version) => expect(goVersion(text)).toEqual(version));

  it.each([
    [[1, 26], 'local', true],
    [[1, 27], 'local', true],
    [[2, 0], 'local', true],
    [[1, 24], 'local', false],
    // fetches a newer one by itself
    [[1, 24], 'auto\n', true],
    [[1, 19], 'auto', false],
  ] as const)('%j with GOTOOLCHAIN=%s builds: %s', (version, toolchain, expected) =>
    expect(canBuild(version, toolchain)).toBe(expected),
  );
});
