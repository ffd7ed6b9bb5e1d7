/**
 * Our Python beside Rucio, where its user can read it: the checkout may lie in a closed folder. A folder for each
 * content, which appears whole and is never written again: a worker that is still importing while another part of the
 * lake starts must not find a module missing (seen: one of two workers came up, and the lake called itself healthy).
 */
import { createHash, randomBytes } from 'node:crypto';
import { cp, mkdir, readFile, readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { settle } from '../../../sandbox-server/sandboxes/local/settle.ts';
import type { LakePlace } from '../place.ts';
import { run } from '../run.ts';

const SOURCE = join(import.meta.dirname, 'python');

/** @returns the folder; its name is a hash of the code, so a server that runs an older one is started anew */
export async function provideCode(place: LakePlace): Promise<string> {
  const files = (await readdir(SOURCE, { recursive: true })).filter((name) => name.endsWith('.py')).sort();
  const hash = createHash('sha256');
  for (const name of files) hash.update(name).update(await readFile(join(SOURCE, name)));
  const folder = join(place.folders.rucio, 'python', hash.digest('hex').slice(0, 12));
  if (!(await exists(folder))) await lay(files, folder);
  return folder;
}

async function lay(files: readonly string[], folder: string): Promise<void> {
  const building = `${folder}.${randomBytes(4).toString('hex')}`;
  await mkdir(building, { recursive: true });
  for (const name of files) await cp(join(SOURCE, name), join(building, name));
  await run(['chmod', '-R', 'a+rX', join(folder, '..')]);
  await settle(building, folder);
}

async function exists(path: string): Promise<boolean> {
  try {
    await stat(path);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return false;
    throw error;
  }
}
