import { chmod, mkdir, mkdtemp, rename, rm, symlink, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { contentHash, fileHash, folderHash, kitContent } from './content.ts';
import { readKits } from '../../sandbox-server/sandboxes/local/kits/kit-file.ts';

let root: string;
beforeEach(async () => void (root = await mkdtemp(join(tmpdir(), 'content-'))));
afterEach(() => rm(root, { recursive: true }));

describe('the name of a content', () => {
  it('is 12 hex digits, the same for the same parts, and knows where one part ends', () => {
    expect(contentHash('a', 'b')).toMatch(/^[0-9a-f]{12}$/);
    expect(contentHash('a', 'b')).toBe(contentHash('a', 'b'));
    expect(contentHash('ab')).not.toBe(contentHash('a', 'b'));
  });

  it('of a file is SHA-256', async () => {
    await writeFile(join(root, 'a'), 'abc');
    expect(await fileHash(join(root, 'a'))).toBe(
      'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad',
    );
  });

  it('of a folder follows names, contents, links and what may be run, not dates or its place', async () => {
    const folder = join(root, 'one');
    await mkdir(join(folder, 'deep'), { recursive: true });
    await writeFile(join(folder, 'deep/file'), 'text');
    await symlink('deep/file', join(folder, 'link'));
    const hash = await folderHash(folder);
    await utimes(join(folder, 'deep/file'), 1, 1);
    await rename(folder, join(root, 'two'));
    expect(await folderHash(join(root, 'two'))).toBe(hash);

    const seen = new Set([hash]);
    const other = async (change: () => Promise<void>) => {
      await change();
      seen.add(await folderHash(join(root, 'two')));
    };
    await other(() => chmod(join(root, 'two/deep/file'), 0o755));
    await other(() => writeFile(join(root, 'two/deep/file'), 'other'));
    await other(() => rename(join(root, 'two/deep'), join(root, 'two/deeper')));
    await other(async () => {
      await rm(join(root, 'two/link'));
      await symlink('elsewhere', join(root, 'two/link'));
    });
    expect(seen.size).toBe(5);
  });

  it('of a kit does not depend on where the checkout stands', async () => {
    const write = async (place: string) => {
      await mkdir(join(root, place, 'mine'), { recursive: true });
      await writeFile(
        join(root, place, 'mine/kit.yaml'),
        'title: X\nenvironments: [{ folder: ., requirements: a.lock }]\n',
      );
      await writeFile(join(root, place, 'mine/a.lock'), 'gym==1\n');
      const [kit] = await readKits(join(root, place));
      return contentHash(kitContent(kit ?? expect.fail()));
    };
    const first = await write('here');
    expect(await write('there')).toBe(first);
    await writeFile(join(root, 'there/mine/a.lock'), 'gym==2\n');
    const [changed] = await readKits(join(root, 'there'));
    expect(contentHash(kitContent(changed ?? expect.fail()))).not.toBe(first);
  });
});
