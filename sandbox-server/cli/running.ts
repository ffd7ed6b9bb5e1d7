/** Which server runs on this state folder: one small file, written when it listens, removed when it ends. */
import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';

const Running = z.object({ pid: z.number().int().positive(), url: z.string(), since: z.number() });
export type Running = z.infer<typeof Running>;
const FILE = 'server.json';

export async function announce(state: string, running: Running): Promise<void> {
  await writeFile(join(state, FILE), JSON.stringify(running), { mode: 0o600 });
}
export async function forget(state: string): Promise<void> {
  await rm(join(state, FILE), { force: true });
}

/** @returns null where no server runs, also when a killed one left its file behind. */
export async function running(state: string): Promise<Running | null> {
  const text = await readFile(join(state, FILE), 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return null;
    throw error;
  });
  if (text === null) return null;
  const found = Running.safeParse(JSON.parse(text));
  return found.success && (await isOurs(found.data.pid)) ? found.data : null;
}

/**
 * A pid may have been given to somebody else since: only a process that runs this command counts. Nor is it whoever asks:
 * in a container that is started again after a crash the new server has the old one's pid.
 */
async function isOurs(pid: number): Promise<boolean> {
  if (pid === process.pid) return false;
  const line = await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '');
  return /palestra\.ts\0(?:start|dev)/.test(line);
}
