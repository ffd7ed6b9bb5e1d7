/** How this host's /bin, /lib and their like are made: links into /usr (Debian 12, Ubuntu 24.04) or real folders. */
import { lstat, readlink } from 'node:fs/promises';

const TOP = ['bin', 'lib', 'lib32', 'lib64', 'libx32', 'sbin'];

/** @returns name → link target, or null for a real folder; what is absent is left out */
export async function topFolders(): Promise<Readonly<Record<string, string | null>>> {
  const found: Record<string, string | null> = {};
  for (const name of TOP) {
    const stat = await lstat(`/${name}`).catch((error: unknown) => {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
      throw error;
    });
    if (stat?.isSymbolicLink()) found[name] = await readlink(`/${name}`);
    else if (stat?.isDirectory()) found[name] = null;
  }
  return found;
}
