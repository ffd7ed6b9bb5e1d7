import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { DriverSettings } from '../../contract/driver.ts';
import { createClusterKits, type ClusterKits } from './kits.ts';

const KITS = join(import.meta.dirname, '../../../infra/kits');
let state: string;
let kits: ClusterKits;
beforeEach(async () => {
  state = await mkdtemp(join(tmpdir(), 'cluster-kits-'));
  const settings = DriverSettings.parse({ kind: 'kubernetes', images: { base: 'registry.example/base:1' } });
  if (settings.kind !== 'kubernetes') throw new TypeError('parsed as another driver');
  const limits = { cpu: 1, memory: 1e9, disk: 1e9, pids: 100 };
  kits = await createClusterKits({ settings, limits, hosts: [], root: KITS, state });
});
afterEach(() => rm(state, { recursive: true }));

it('an image that is named is a kit, ready', async () => {
  await kits.ready('base');
  expect(kits.settingsOf('base').image).toBe('registry.example/base:1');
});

it('a kit without an image says how it comes by one; a name that is none, which there are', async () => {
  await expect(kits.ready('dask')).rejects.toThrow(/has no image: build it .* dask/);
  expect(() => kits.settingsOf('dask')).toThrow('has no image');
  await expect(kits.ready('dsak')).rejects.toThrow(/There is no kit named "dsak"\. There are: .*base.*dask/);
  expect(() => kits.settingsOf('dsak')).toThrow('There is no kit named');
});
