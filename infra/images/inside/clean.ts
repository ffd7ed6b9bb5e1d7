/** Inside a build: what package tools leave behind, dated, named after a mirror, or of no use in a sandbox. */
import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';

const EMPTIED = [
  '/var/lib/apt/lists',
  '/var/cache/apt',
  '/var/cache/debconf',
  '/var/cache/ldconfig',
  '/var/log',
  '/tmp',
  '/root/.cache',
];
const REMOVED = ['/var/lib/dpkg/status-old', '/var/lib/dpkg/available-old', '/var/lib/dpkg/diversions-old'];

export async function clean(root = '/'): Promise<void> {
  for (const folder of EMPTIED) await empty(join(root, folder));
  for (const file of REMOVED) await rm(join(root, file), { force: true });
}

async function empty(folder: string): Promise<void> {
  const names = await readdir(folder).catch((error: unknown) => {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw error;
  });
  for (const name of names) await rm(join(folder, name), { recursive: true });
}
