/** Homes as the settings say: a bucket, a folder, or, for one server alone, a folder in its own state. */
import { join } from 'node:path';
import { Problem } from '../contract/errors.ts';
import { HomesSettings } from '../contract/homes.ts';
import type { Store } from '../store/index.ts';
import type { Log } from '../telemetry/index.ts';
import { createHomes } from './homes.ts';
import type { Homes } from './homes.ts';
import { openFolder } from './objects/folder.ts';
import type { ObjectStore } from './objects/object-store.ts';

export interface OpenHomes {
  readonly homes: Homes;
  readonly everyMs: number;
  close(): void;
}

/** @param settings absent: all defaults. Throws Problem `unavailable` where servers would not see each other's homes */
export async function openHomes(parts: {
  readonly settings: HomesSettings | undefined;
  readonly state: string;
  readonly store: Store;
  readonly keepDays: number;
  readonly log: Log;
}): Promise<OpenHomes> {
  const { state, store, log, keepDays } = parts;
  const settings = parts.settings ?? HomesSettings.parse({});
  const objects = await openObjects(settings, join(state, 'kept-homes'), store.engine === 'postgres');
  const { bytes, entries, keep, everyMinutes } = settings;
  const graceMs = keepDays * 24 * 3600 * 1000;
  const homes = createHomes({ objects, store, log, bounds: { bytes, entries }, keep, graceMs });
  return { homes, everyMs: everyMinutes * 60_000, close: () => objects.close() };
}

async function openObjects(
  { s3, folder }: HomesSettings,
  own: string,
  manyServers: boolean,
): Promise<ObjectStore> {
  if (s3 !== undefined) return (await import('./objects/s3.ts')).openS3(s3);
  if (manyServers && folder?.shared !== true)
    throw new Problem(
      'unavailable',
      'Servers that share a database must share a store of homes: name a bucket in homes.s3, or a folder that all of them see in homes.folder with `shared: true`.',
    );
  return openFolder(folder?.path ?? own);
}
