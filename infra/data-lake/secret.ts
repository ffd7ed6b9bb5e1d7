/** A secret of this lake: made once, 0600, the same ever after. */
import { randomBytes } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';

/** @returns 32 characters that need no quoting anywhere */
export async function secret(path: string): Promise<string> {
  const fresh = randomBytes(24).toString('base64url');
  try {
    // exclusively: of two commands at once, both read what the first wrote
    await writeFile(path, fresh, { flag: 'wx', mode: 0o600 });
    return fresh;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    return (await readFile(path, 'utf8')).trim();
  }
}
