/** A folder that is made once under another name appears whole, whoever else makes the same one. */
import { randomBytes } from 'node:crypto';
import { access, mkdir, rename, rm } from 'node:fs/promises';

/** `make` fills the folder it is given; nothing is left of it where that fails. */
export async function makeWhole<T>(folder: string, make: (building: string) => Promise<T>): Promise<T> {
  const building = `${folder}.${randomBytes(4).toString('hex')}`;
  try {
    await mkdir(building, { recursive: true, mode: 0o755 });
    const made = await make(building);
    await settle(building, folder);
    return made;
  } finally {
    await rm(building, { recursive: true, force: true });
  }
}

/** Renames `building` to `folder`; where somebody was quicker with the same content, theirs stays. */
async function settle(building: string, folder: string): Promise<void> {
  try {
    await rename(building, folder);
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    if (code !== 'ENOTEMPTY' && code !== 'EEXIST') throw error;
  }
}

/** A dangling link is nothing: a system upgrade may have taken what it named away. */
export async function isThere(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    (error: unknown) => {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return false;
      throw error;
    },
  );
}
