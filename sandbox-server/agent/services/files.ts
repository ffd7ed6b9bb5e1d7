/** What programs need to verify the certificates of what is lent: laid as the server sent it, taken away with the loan. */
import fs from 'node:fs/promises';
import { dirname, join } from 'node:path';

/** Makes the folder hold exactly these files, each whole or not at all. @param files name → content */
export async function layFiles(folder: string, files: Readonly<Record<string, string>>): Promise<void> {
  await fs.mkdir(folder, { recursive: true, mode: 0o755 });
  for (const entry of await fs.readdir(folder, { recursive: true, withFileTypes: true })) {
    const path = join(entry.parentPath, entry.name);
    const kept = Object.keys(files).some((name) => join(folder, name) === path);
    if (!entry.isDirectory() && !kept) await fs.rm(path, { force: true });
  }
  for (const [name, text] of Object.entries(files)) await layFile(join(folder, name), text);
}

async function layFile(path: string, text: string): Promise<void> {
  await fs.mkdir(dirname(path), { recursive: true, mode: 0o755 });
  await fs.writeFile(`${path}.new`, text, { mode: 0o644 });
  await fs.rename(`${path}.new`, path);
}
