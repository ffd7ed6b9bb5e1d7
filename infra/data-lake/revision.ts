/** Which code a lake was started from: after an update a healthy one is looked through all the same. */
import { createHash } from 'node:crypto';
import { readFile, readdir, rename, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { LakePlace } from './place.ts';

/** A hash of what stands in this folder; tests and texts are no part of a running lake. */
export function codeRevision(): Promise<string> {
  return hashOf(import.meta.dirname, true);
}

/** Of a server that is a program of ours: its folder's code and what lies directly here. Others: nothing. */
export async function revisionOf(argv: readonly string[]): Promise<string> {
  const script = argv.find((word) => word.startsWith(`${import.meta.dirname}/`) && word.endsWith('.ts'));
  if (script === undefined) return '';
  return `${await hashOf(dirname(script), true)} ${await hashOf(import.meta.dirname, false)}`;
}

async function hashOf(folder: string, recursive: boolean): Promise<string> {
  const names = await readdir(folder, { recursive });
  const hash = createHash('sha256');
  for (const name of names.filter((one) => /(?<!\.test)\.(ts|py|lock)$/.test(one)).sort())
    hash.update(name).update(await readFile(join(folder, name)));
  return hash.digest('hex').slice(0, 12);
}

/** @returns null where it was never started whole */
export async function startedFrom(place: LakePlace): Promise<string | null> {
  return readFile(noteOf(place), 'utf8').catch((error: unknown) => {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw error;
  });
}

export async function noteRevision(place: LakePlace, revision: string): Promise<void> {
  const temporary = `${noteOf(place)}.${process.pid}`;
  await writeFile(temporary, revision);
  await rename(temporary, noteOf(place));
}

function noteOf(place: LakePlace): string {
  return join(place.folders.run, 'started-from');
}
