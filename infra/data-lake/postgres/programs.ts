/** Where Debian keeps PostgreSQL's programs: a folder for each version. */
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { Problem } from '../../../sandbox-server/contract/errors.ts';

const ROOT = '/usr/lib/postgresql';

/** @returns the newest version's bin folder. @throws Problem `unavailable` where there is none */
export async function postgresPrograms(root = ROOT): Promise<string> {
  const versions = await readdir(root).catch((error: unknown) => {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw error;
  });
  const newest = versions.filter((name) => /^\d+$/.test(name)).sort((a, b) => Number(b) - Number(a))[0];
  if (newest !== undefined) return join(root, newest, 'bin');
  throw new Problem('unavailable', 'PostgreSQL is not installed: sudo apt-get install postgresql');
}
