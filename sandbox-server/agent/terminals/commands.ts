/** $PALESTRA_COMMANDS: finished commands as JSON lines (line, exit, startedAt, ms; never output), the newest kept. */
import { appendFile, readFile, rename, writeFile } from 'node:fs/promises';
import { errnoOf } from '../refusal.ts';
import type { Finished } from './prompt.ts';

/** bytes; half is kept when it is reached */
const MOST = 1024 * 1024;

export interface CommandFile {
  add(terminal: string, finished: Finished): void;
  /** everything added so far is written */
  settled(): Promise<void>;
}

export function createCommandFile(path: string, onTrouble: (error: unknown) => void): CommandFile {
  let queue: Promise<void> = Promise.resolve();
  let size = -1;
  const write = async (line: string): Promise<void> => {
    if (size < 0) size = await sizeOf(path);
    if (size > MOST) size = await keepNewest(path);
    await appendFile(path, line, { mode: 0o600 });
    size += line.length;
  };
  return {
    add(terminal, { line, exit, startedAt, ms }) {
      const text = JSON.stringify({ line, exit, startedAt, ms, terminal }) + '\n';
      queue = queue.then(() => write(text)).catch(onTrouble);
    },
    settled: () => queue,
  };
}

async function sizeOf(path: string): Promise<number> {
  return (await readOrEmpty(path)).length;
}

async function keepNewest(path: string): Promise<number> {
  const text = await readOrEmpty(path);
  const kept = text.subarray(text.indexOf(0x0a, text.length - MOST / 2) + 1);
  await writeFile(`${path}.new`, kept, { mode: 0o600 });
  await rename(`${path}.new`, path);
  return kept.length;
}

async function readOrEmpty(path: string): Promise<Buffer> {
  try {
    return await readFile(path);
  } catch (error) {
    if (errnoOf(error) === 'ENOENT') return Buffer.alloc(0);
    throw error;
  }
}
