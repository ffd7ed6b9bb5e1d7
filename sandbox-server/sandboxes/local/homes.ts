/**
 * A lab's home is one folder that moves (finding 7): `homes/<lab>/{home,logs}` while it rests, and while a
 * sandbox has it `sandboxes/<id>/home/{learner,.palestra-logs}`, which that sandbox sees as `/home`.
 * Renames only, so a crash in between leaves each folder whole in one of its two places.
 */
import { lchown, lstat, mkdir, readdir, rename } from 'node:fs/promises';
import { join } from 'node:path';

/** name at rest → name under the sandbox's /home */
const PARTS = { home: 'learner', logs: '.palestra-logs' } as const;
export const HOME_INSIDE = `/home/${PARTS.home}`;
export const LOGS_INSIDE = `/home/${PARTS.logs}`;

/** Moves (or makes) a lab's folders into a sandbox. Doing it again finishes what was begun. */
export async function bringHome(rest: string, parent: string, uid: number | null): Promise<void> {
  for (const [atRest, inside] of Object.entries(PARTS)) {
    const [from, to] = [join(rest, atRest), join(parent, inside)];
    if (await isFolder(to)) continue;
    await mkdir(from, { recursive: true, mode: 0o700 });
    if (uid !== null) await own(from, uid);
    await rename(from, to);
  }
}

/** Moves them back once nothing runs in the sandbox any more. */
export async function takeHome(parent: string, rest: string): Promise<void> {
  await mkdir(rest, { recursive: true, mode: 0o711 });
  for (const [atRest, inside] of Object.entries(PARTS)) {
    // a learner without a uid of their own can replace it: a link or a file in its place is not a home
    if (await isFolder(join(parent, inside))) await rename(join(parent, inside), join(rest, atRest));
  }
}

/**
 * Gives a resting folder to the uid of its next sandbox; links are never followed. A folder comes after what
 * is in it: one that has the uid already needs no walk, also after a crash half-way.
 */
async function own(path: string, uid: number): Promise<void> {
  const found = await lstat(path);
  if (found.uid === uid) return;
  if (found.isDirectory()) {
    for (const entry of await readdir(path)) await own(join(path, entry), uid);
  }
  await lchown(path, uid, uid);
}

async function isFolder(path: string): Promise<boolean> {
  try {
    return (await lstat(path)).isDirectory();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return false;
    throw error;
  }
}
