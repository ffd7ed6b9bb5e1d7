/** Our Python beside Rucio, where its user can read it: the checkout may lie in a closed folder. */
import { createHash } from 'node:crypto';
import { cp, readFile, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { LakePlace } from '../place.ts';
import { run } from '../run.ts';
import { pythonOf } from './configuration.ts';

const SOURCE = join(import.meta.dirname, 'python');

/** @returns a hash of the code: a server that runs an older one is started anew */
export async function provideCode(place: LakePlace): Promise<string> {
  const files = (await readdir(SOURCE, { recursive: true })).filter((name) => name.endsWith('.py')).sort();
  const hash = createHash('sha256');
  await rm(pythonOf(place), { recursive: true, force: true });
  for (const name of files) {
    hash.update(name).update(await readFile(join(SOURCE, name)));
    await cp(join(SOURCE, name), join(pythonOf(place), name));
  }
  await run(['chmod', '-R', 'a+rX', pythonOf(place)]);
  return hash.digest('hex').slice(0, 12);
}
