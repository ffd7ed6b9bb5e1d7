/**
 * What the server wrote about a sandbox: the only thing it believes about one after a restart.
 * `claims/<lab>` (which sandbox a lab has) is a file of its own, made exclusively: see `claims.ts`.
 */
import { readFile, readdir, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { Id, Slug } from '../../contract/names.ts';

export const SandboxRecord = z.object({
  id: Id,
  kit: Slug,
  /** which preparation of the kit it runs on */
  kitFolder: z.string(),
  /** bubblewrap's outer process (or the agent's, unsandboxed) */
  process: z.object({ pid: z.number().int(), startTime: z.number(), boot: z.string() }),
  /** of every process in it, as the host sees it; null: the server's own */
  uid: z.number().int().nullable(),
  socket: z.string(),
  startedAt: z.number(),
  isolation: z.enum(['enforced', 'advisory', 'unsandboxed']),
  /** cgroup folders that are its own, to be removed with it */
  cgroups: z.array(z.string()),
  /** what only the agent watches, e.g. `disk` */
  watched: z.array(z.string()),
});
export type SandboxRecord = z.infer<typeof SandboxRecord>;

/** Written under another name and renamed: a record is whole or absent. */
export async function writeRecord(folder: string, record: SandboxRecord): Promise<void> {
  const temporary = join(folder, '.record.json');
  await writeFile(temporary, JSON.stringify(record, null, 1), { mode: 0o600 });
  await rename(temporary, join(folder, 'record.json'));
}

/** @returns null where none was written (the server died before it could) */
export async function readRecord(folder: string): Promise<SandboxRecord | null> {
  try {
    return SandboxRecord.parse(JSON.parse(await readFile(join(folder, 'record.json'), 'utf8')));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw error;
  }
}

/** Ids of all sandbox folders, with or without a record. */
export async function sandboxFolders(sandboxes: string): Promise<readonly string[]> {
  return (await readdir(sandboxes)).filter((name) => Id.safeParse(name).success);
}
