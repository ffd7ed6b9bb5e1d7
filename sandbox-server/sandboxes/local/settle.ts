/** A folder that is made once under another name appears whole, whoever else makes the same one. */
import { rename, rm } from 'node:fs/promises';

/** Renames `building` to `folder`; where somebody was quicker with the same content, theirs stays. */
export async function settle(building: string, folder: string): Promise<void> {
  try {
    await rename(building, folder);
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    if (code !== 'ENOTEMPTY' && code !== 'EEXIST') throw error;
    await rm(building, { recursive: true });
  }
}
