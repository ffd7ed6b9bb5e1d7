/** Certificates in a local sandbox's folder: links to files of the host, made once for each content, nobody's to change. */
import { createHash } from 'node:crypto';
import { link, mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { HASHED, type Trusted } from '../../trust.ts';

/**
 * Puts (or takes away) what makes a folder hold exactly these files.
 * @param cache a folder on the file system of the sandboxes' folders
 */
export async function layTrust(
  folder: string,
  { files }: Trusted,
  cache: string,
  before: readonly string[],
): Promise<void> {
  const inFolder = Object.keys(files).some((name) => name.startsWith(`${HASHED}/`));
  if (inFolder) await mkdir(join(folder, HASHED), { recursive: true, mode: 0o755 });
  for (const name of before) if (!(name in files)) await rm(join(folder, name), { force: true });
  for (const [name, text] of Object.entries(files))
    await linkAnew(await keptFile(cache, text), join(folder, name));
}

/** Another link in the place of one that may be there: whoever reads sees the one or the other. */
export async function linkAnew(from: string, to: string): Promise<void> {
  const temporary = `${to}.new`;
  await rm(temporary, { force: true });
  await link(from, temporary);
  await rename(temporary, to);
  // renaming one link of a file over another of the same file does nothing, and leaves both
  await rm(temporary, { force: true });
}

/** A file named by its content, whole or not at all. */
async function keptFile(cache: string, text: string): Promise<string> {
  const file = join(cache, `trust-${createHash('sha256').update(text).digest('hex').slice(0, 16)}.pem`);
  if ((await textOf(file)) === text) return file;
  const temporary = `${file}.${process.pid}`;
  await writeFile(temporary, text, { mode: 0o644 });
  await rename(temporary, file);
  return file;
}

async function textOf(file: string): Promise<string | null> {
  return readFile(file, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return null;
    throw error;
  });
}
