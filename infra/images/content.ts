/** Names of images: what goes in decides them, and nothing else. */
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { readdir, readlink, stat } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { pipeline } from 'node:stream/promises';
import type { KitDefinition } from '../../sandbox-server/sandboxes/local/kits/kit-file.ts';

/** First 12 hex digits of SHA-256 over JSON. */
export function contentHash(...parts: readonly unknown[]): string {
  return createHash('sha256').update(JSON.stringify(parts)).digest('hex').slice(0, 12);
}

/** SHA-256 of a file, in hex. */
export async function fileHash(path: string): Promise<string> {
  const hash = createHash('sha256');
  await pipeline(createReadStream(path), hash);
  return hash.digest('hex');
}

/** What is in a folder: paths, whether they may be run, contents. Where it stands and when it was written do not count. */
export async function folderHash(folder: string): Promise<string> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const paths = entries
    .filter((entry) => !entry.isDirectory())
    .map((entry) => join(entry.parentPath, entry.name));
  const facts: unknown[] = [];
  for (const path of paths.toSorted()) facts.push([relative(folder, path), ...(await factsOf(path))]);
  return contentHash(facts);
}

async function factsOf(path: string): Promise<readonly (string | boolean)[]> {
  const link = await readlink(path).catch((error: unknown) => {
    if ((error as NodeJS.ErrnoException).code === 'EINVAL') return null; // no link
    throw error;
  });
  if (link !== null) return ['link', link];
  return [((await stat(path)).mode & 0o100) !== 0, await fileHash(path)];
}

/** A kit without the paths of the checkout it was read from: the same on every machine. */
export function kitContent(kit: KitDefinition): unknown {
  const environments = kit.environments.map(({ folder, lists }) => [folder, lists.map(({ text }) => text)]);
  return { ...kit, environments };
}
