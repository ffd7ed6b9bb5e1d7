/** Elements, attributes and distances in Rucio: made where they are missing, noted so that a later start asks nothing. */
import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { ownFile } from '../part.ts';
import type { LakePlace } from '../place.ts';
import { homeOf } from './configuration.ts';
import { distancesOf, rseOf, type RseDefinition } from './elements-in-rucio.ts';
import type { Rucio } from './rest.ts';

export async function setUpElements(place: LakePlace, rucio: Rucio): Promise<void> {
  const definitions = place.elements.map((element) => rseOf(place, element));
  const distances = distancesOf(place);
  const note = join(homeOf(place), 'elements.set-up');
  const wanted = createHash('sha256')
    .update(JSON.stringify([definitions, distances]))
    .digest('hex');
  if ((await textOf(note)) === wanted) return;
  for (const definition of definitions) await setUp(rucio, definition);
  for (const { from, to, distance } of distances)
    await rucio.call('POST', `/rses/${from}/distances/${to}`, { distance }, ['Duplicate']);
  await ownFile(note, wanted, null);
}

async function setUp(rucio: Rucio, { name, properties, protocol, attributes }: RseDefinition): Promise<void> {
  await rucio.call('POST', `/rses/${name}`, properties, ['Duplicate']);
  const { scheme, ...rest } = protocol;
  await rucio.call('POST', `/rses/${name}/protocols/${String(scheme)}`, rest, [
    'Duplicate',
    'RSEProtocolPriorityError',
  ]);
  for (const [key, value] of Object.entries(attributes))
    await rucio.call('POST', `/rses/${name}/attr/${key}`, { value }, ['Duplicate']);
}

async function textOf(path: string): Promise<string | null> {
  return readFile(path, 'utf8').catch((error: unknown) => {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw error;
  });
}
