import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { versionsIn } from './versions.ts';

let kit: string;
beforeEach(async () => {
  kit = await mkdtemp(join(tmpdir(), 'kit-versions-'));
});
afterEach(() => rm(kit, { recursive: true }));
const install = (...names: string[]) =>
  Promise.all(
    names.map((name) => mkdir(join(kit, 'lib/python3.11/site-packages', name), { recursive: true })),
  );

it('are told in the order asked for, whatever the spelling of their folders', async () => {
  await install(
    'dask-2026.8.0.dist-info',
    'dask_kubernetes-2026.3.0.dist-info',
    'zope.event-5.0.dist-info',
    'dask',
  );
  const wanted = ['zope-event', 'dask-kubernetes', 'nothing', 'dask'];
  expect(Object.entries(await versionsIn(kit, wanted))).toEqual([
    ['zope-event', '5.0'],
    ['dask-kubernetes', '2026.3.0'],
    ['dask', '2026.8.0'],
  ]);
});

it('are none in an interpreter alone', async () => {
  expect(await versionsIn(kit, ['dask'])).toEqual({});
});
