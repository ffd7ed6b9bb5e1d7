/**
 * Which process looks after a place. Only that one cleans up; another (`palestra status`, `prove` beside a
 * running server) starts and ends sandboxes of its own there and touches no other: a folder without a record is
 * a start under way, not a leftover.
 */
import { readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { isAlive, processName } from './process.ts';

const Owner = z.object({ pid: z.number().int(), startTime: z.number(), boot: z.string() });
const FILE = 'owner.json';

/** @returns true where the place is ours from now on; false where a living process has it */
export async function becomeOwner(root: string): Promise<boolean> {
  const owner = await readOwner(root);
  if (owner !== null && owner.pid !== process.pid && (await isAlive(owner))) return false;
  const temporary = join(root, `.${FILE}.${process.pid}`);
  await writeFile(temporary, JSON.stringify(await processName(process.pid)));
  await rename(temporary, join(root, FILE));
  return true;
}

/** Nothing where it is not ours. */
export async function giveUpPlace(root: string): Promise<void> {
  const owner = await readOwner(root);
  if (owner?.pid === process.pid) await rm(join(root, FILE), { force: true });
}

async function readOwner(root: string): Promise<z.infer<typeof Owner> | null> {
  try {
    return Owner.parse(JSON.parse(await readFile(join(root, FILE), 'utf8')));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw error;
  }
}
