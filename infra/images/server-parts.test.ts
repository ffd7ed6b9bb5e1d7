import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { gatherServer, packageOf, withDependencies } from './server-parts.ts';

let root: string;
beforeEach(async () => void (root = await mkdtemp(join(tmpdir(), 'checkout-'))));
afterEach(() => rm(root, { recursive: true }));
const put = async (files: Readonly<Record<string, string>>) => {
  for (const [path, text] of Object.entries(files)) {
    await mkdir(dirname(join(root, path)), { recursive: true });
    await writeFile(join(root, path), text);
  }
};
const pack = (name: string, more: object = {}) => JSON.stringify({ name, version: '1.0.0', ...more });

describe('packages that the sources import', () => {
  it.each([
    ['fastify', 'fastify'],
    ['kysely/migration', 'kysely'],
    ['@fastify/cookie', '@fastify/cookie'],
    ['@a/b/c/d', '@a/b'],
  ])('are named by the first parts of what is imported: %s', (specifier, name) =>
    expect(packageOf(specifier)).toBe(name),
  );

  it('come with those that they need, nested ones from where they stand, optional ones where they are', async () => {
    await put({
      'node_modules/a/package.json': pack('a', {
        dependencies: { b: '1', c: '1', gone: '1' },
        optionalDependencies: { gone: '1' },
        peerDependencies: { absent: '1' },
      }),
      'node_modules/a/node_modules/b/package.json': pack('b', { dependencies: { a: '1' } }),
      'node_modules/b/package.json': pack('b'),
      'node_modules/c/package.json': pack('c'),
      'node_modules/unrelated/package.json': pack('unrelated'),
    });
    const all = await withDependencies(root, ['a']);
    expect(all.map(({ folder }) => folder)).toEqual([
      'node_modules/a',
      'node_modules/a/node_modules/b',
      'node_modules/c',
    ]);
  });

  it('that are not installed are named', async () => {
    await expect(withDependencies(root, ['a'])).rejects.toThrow('The package a is not installed');
  });
});

describe('the server’s parts', () => {
  it('are sources without tests, imported packages, site, courses, guides, kits, and the services that courses name', async () => {
    await put({
      'package.json': pack('palestra'),
      LICENSE: 'x',
      'dist/index.html': 'site',
      'courses/one/course.yaml': 'title: One',
      'infra/kits/base/kit.yaml': 'title: Base',
      'site/src/content/docs/guides/one.md': 'A guide.',
      'infra/shared.ts': 'export const shared = 1;',
      'infra/lake/service.yaml': 'name: lake',
      'infra/lake/up.ts': 'its own program: not for a pod',
      'infra/data-lake/existing.ts': "import './words.ts'; import 'b';",
      'infra/data-lake/words.ts': '',
      'sandbox-server/cli/palestra.ts':
        "import 'a/deep'; import '../../infra/shared.ts'; await import('../late.ts');",
      'sandbox-server/late.ts': "import 'node:fs';",
      'sandbox-server/late.test.ts': 'test',
      'sandbox-server/testing/ground.ts': 'test',
      'node_modules/a/package.json': pack('a'),
      'node_modules/b/package.json': pack('b'),
      'node_modules/node-pty/package.json': pack('node-pty'),
      'node_modules/other/package.json': pack('other'),
    });
    const folder = join(root, 'image');
    const packages = await gatherServer(root, folder);
    expect(packages.map(({ name }) => name)).toEqual(['a', 'b', 'node-pty']);
    const there = [
      'dist/index.html',
      'courses/one/course.yaml',
      'infra/kits/base/kit.yaml',
      'site/src/content/docs/guides/one.md',
      'infra/shared.ts',
      'infra/lake/service.yaml',
      'infra/data-lake/existing.ts',
      'infra/data-lake/words.ts',
      'sandbox-server/late.ts',
      'node_modules/a/package.json',
    ];
    expect(there.filter((path) => !existsSync(join(folder, path)))).toEqual([]);
    const left = [
      'infra/lake/up.ts',
      'sandbox-server/late.test.ts',
      'sandbox-server/testing',
      'node_modules/other',
    ];
    expect(left.filter((path) => existsSync(join(folder, path)))).toEqual([]);
  });

  it('without a built site say what to do', async () => {
    await expect(gatherServer(root, join(root, 'image'))).rejects.toThrow('npm run build');
  });
});
