import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { findKept, keep, keptPaths, layOut, type Kept } from './kept.ts';
import { imagePlace, type ImagePlace } from './place.ts';

let root: string;
let place: ImagePlace;
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'kept-'));
  place = await imagePlace({ PALESTRA_CACHE: join(root, 'cache'), PALESTRA_STATE: join(root, 'state') });
});
afterEach(() => rm(root, { recursive: true }));

const image = (over: Partial<Kept> = {}): Kept => ({
  name: 'dask',
  hash: 'abc',
  reference: 'localhost/palestra/dask:abc',
  bytes: 5,
  unpacked: 9,
  seconds: 1,
  inventory: { system: { id: 'debian', version: '12' }, debian: [], python: [], node: 'v24' },
  ...over,
});
const make = async (one: Kept) => {
  await writeFile(keptPaths(place.kept, one.name, one.hash).archive, 'image');
  await keep(place, one, '{}\n');
};

describe('images that were built', () => {
  it('are found by name and hash', async () => {
    await make(image());
    expect(await findKept(place, 'dask', 'abc')).toEqual(image());
    expect(await findKept(place, 'dask', 'other')).toBeNull();
  });

  it('are not there while they are written, or when their archive was cut short', async () => {
    await writeFile(keptPaths(place.kept, 'dask', 'abc').archive, 'image');
    expect(await findKept(place, 'dask', 'abc')).toBeNull();
    await make(image());
    await writeFile(keptPaths(place.kept, 'dask', 'abc').archive, 'ima');
    expect(await findKept(place, 'dask', 'abc')).toBeNull();
  });

  it('are laid into the checkout, the newest of each kit in the index', async () => {
    const lake = image({ name: 'lake', reference: 'localhost/palestra/lake:abc' });
    const newer = image({ hash: 'def', reference: 'localhost/palestra/dask:def' });
    for (const one of [image(), lake, newer]) {
      await make(one);
      await layOut(place, one);
    }
    const index = JSON.parse(await readFile(join(place.out, 'index.json'), 'utf8')) as Record<
      string,
      unknown
    >;
    expect(index).toEqual({
      dask: {
        reference: 'localhost/palestra/dask:def',
        archive: 'dask-def.oci.tar',
        bill: 'dask-def.cdx.json',
        bytes: 5,
        unpacked: 9,
      },
      lake: expect.objectContaining({ reference: 'localhost/palestra/lake:abc' }) as unknown,
    });
    expect(existsSync(join(place.out, 'dask-def.oci.tar'))).toBe(true);
    expect(await readFile(join(place.out, 'dask-def.cdx.json'), 'utf8')).toBe('{}\n');
  });
});
