/** Which code a lake was started from: after an update a healthy one is looked through all the same. */
import { createHash } from 'node:crypto';
import { readFile, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { ownFile } from './part.ts';
import type { LakePlace } from './place.ts';

/** A hash of what stands in this folder; tests and texts are no part of a running lake. */
export async function codeRevision(): Promise<string> {
  const names = await readdir(import.meta.dirname, { recursive: true });
  const hash = createHash('sha256');
  for (const name of names.filter((one) => /(?<!\.test)\.(ts|py|lock)$/.test(one)).sort())
    hash.update(name).update(await readFile(join(import.meta.dirname, name)));
  return hash.digest('hex');
}

/** @returns null where it was never started whole */
export async function startedFrom(place: LakePlace): Promise<string | null> {
  return readFile(noteOf(place), 'utf8').catch((error: unknown) => {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw error;
  });
}

export async function noteRevision(place: LakePlace, revision: string): Promise<void> {
  await ownFile(noteOf(place), revision, null);
}

function noteOf(place: LakePlace): string {
  return join(place.folders.run, 'started-from');
}
