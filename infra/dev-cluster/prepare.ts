/** What a start depends on, made where it is missing: packages, binaries, certificates, images, configuration. */
import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { installPackages, missingPackages } from '../machine/packages.ts';
import type { Binaries } from './binaries/binaries.ts';
import { provideBinaries } from './binaries/provide.ts';
import { OF_A_CLUSTER } from './binaries/recipes.ts';
import { daemonsOf } from './box/daemons.ts';
import type { BoxImage, BoxWords } from './box/words.ts';
import { AUTHENTICATION, configurationFiles } from './configuration/files.ts';
import { Settings } from './configuration/settings.ts';
import { PACKAGES } from './host/packages.ts';
import { ensureImages } from './images/images.ts';
import { clusterObjects } from './objects/objects.ts';
import { ensurePki } from './pki/pki.ts';
import type { ClusterPlace } from './place.ts';
import type { Staged as StagedBy } from '../machine/staged.ts';
import { writeWhole } from '../machine/write-whole.ts';
import type { Stage } from './box/stages.ts';

type Staged = StagedBy<Stage>;

/** @returns what to tell a box. Writes files of the cluster's folder, starts nothing. */
export async function prepare(
  place: ClusterPlace,
  settings: Settings,
  staged: Staged,
  signal: AbortSignal,
): Promise<BoxWords> {
  await providePackages(staged, signal);
  const binaries = await provideBinaries(place.cache, OF_A_CLUSTER, staged, signal);
  await staged('pki', () => ensurePki(place), { quiet: true });
  const images = await ensureImages(binaries, place.cache);
  return writeWords(place, settings, binaries, images);
}

async function providePackages(staged: Staged, signal: AbortSignal): Promise<void> {
  const missing = await missingPackages(PACKAGES);
  if (missing.length > 0) await staged('packages', () => installPackages(missing, signal));
}

async function writeWords(
  place: ClusterPlace,
  settings: Settings,
  binaries: Binaries,
  images: readonly BoxImage[],
): Promise<BoxWords> {
  const files = configurationFiles(place, settings);
  for (const [name, text] of Object.entries(files)) await writeWhole(join(place.folders.etc, name), text);
  const coredns = images.find(({ reference }) => reference.includes('/coredns:'))?.reference ?? '';
  const objects = JSON.stringify(clusterObjects(place.addresses, { coredns }), null, 2);
  await writeWhole(join(place.folders.etc, 'objects.json'), objects);
  return {
    place,
    binaries,
    images,
    objects: join(place.folders.etc, 'objects.json'),
    revision: revisionOf({ files, objects, daemons: daemonsOf(place, binaries), images }),
  };
}

/** Of everything a box was started with but what its API server follows by itself. */
function revisionOf(of: {
  readonly files: Readonly<Record<string, string>>;
  readonly [key: string]: unknown;
}): string {
  const files = Object.fromEntries(Object.entries(of.files).filter(([name]) => name !== AUTHENTICATION));
  return createHash('sha256')
    .update(JSON.stringify({ ...of, files }))
    .digest('hex')
    .slice(0, 12);
}

export async function readSettings(place: ClusterPlace): Promise<Settings> {
  const text = await readFile(settingsFile(place), 'utf8').catch((error: unknown) => {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return '{}';
    throw error;
  });
  return Settings.parse(JSON.parse(text));
}

export async function writeSettings(place: ClusterPlace, settings: Settings): Promise<void> {
  await writeWhole(settingsFile(place), `${JSON.stringify(settings, null, 2)}\n`);
}

function settingsFile(place: ClusterPlace): string {
  return join(place.root, 'settings.json');
}
