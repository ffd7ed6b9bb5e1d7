/**
 * Our Python beside Rucio, where its user can read it: the checkout may lie in a closed folder. A folder for each
 * content, which appears whole and is never written again: a worker that is still importing while another part of the
 * lake starts must not find a module missing (seen: one of two workers came up, and the lake called itself healthy).
 */
import { createHash } from 'node:crypto';
import { cp, readFile, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { isThere, makeWhole } from '../../../sandbox-server/sandboxes/local/settle.ts';
import type { LakePlace } from '../place.ts';
import { run } from '../../machine/run.ts';

const SOURCE = join(import.meta.dirname, 'python');

/** @returns the folder; its name is a hash of the code, so a server that runs an older one is started anew */
export async function provideCode(place: LakePlace): Promise<string> {
  const files = (await readdir(SOURCE, { recursive: true })).filter((name) => name.endsWith('.py')).sort();
  const hash = createHash('sha256');
  for (const name of files) hash.update(name).update(await readFile(join(SOURCE, name)));
  const folder = join(place.folders.rucio, 'python', hash.digest('hex').slice(0, 12));
  if (!(await isThere(folder))) await makeWhole(folder, (building) => lay(files, building));
  return folder;
}

async function lay(files: readonly string[], building: string): Promise<void> {
  for (const name of files) await cp(join(SOURCE, name), join(building, name));
  await run(['chmod', '-R', 'a+rX', join(building, '..')]);
}
