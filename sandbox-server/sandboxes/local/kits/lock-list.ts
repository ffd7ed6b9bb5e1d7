/** `palestra kit lock`: what a kit's own `requirements.in` comes to, with hashes, beside what it has of other kits. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Problem } from '../../../contract/errors.ts';
import { readKitFile } from './kit-file.ts';
import { runTool } from './tool.ts';

const WISHES = 'requirements.in';
const LIST = 'requirements.lock';
// the oldest that kits are built on; no address of an index, which is the operator's
const COMPILE = ['--universal', '--python-version', '3.11', '--generate-hashes', '--no-emit-index-url'];

export interface LockList {
  /** folder with a folder for each kit */
  readonly kits: string;
  readonly name: string;
  readonly uv: string;
  readonly signal: AbortSignal;
}

/**
 * Writes the kit's requirements.lock anew; what kits below it have keeps its version.
 * @returns its path. @throws Problem `bad-request` where the kit has no requirements.in, or uv finds no versions
 */
export async function lockList({ kits, name, uv, signal }: LockList): Promise<string> {
  const folder = join(kits, name);
  const held = await heldBelow(kits, name);
  await demandWishes(join(folder, WISHES));
  const within = held.flatMap((list) => ['-c', list]);
  const words = ['--directory', folder, 'pip', 'compile', '--quiet', '--no-header', ...COMPILE, ...within];
  await runTool([uv, ...words, WISHES, '-o', LIST], signal).catch((cause: unknown) => {
    if (signal.aborted || !(cause instanceof Error)) throw cause;
    const why = cause.message.replace(/^.*?ended with \d+: /s, '');
    throw new Problem('bad-request', `${join(folder, WISHES)} cannot be locked: ${why}`, { cause });
  });
  return join(folder, LIST);
}

/** Lists of the first environment of every kit that this one is from, relative to its folder. */
async function heldBelow(kits: string, name: string, below: readonly string[] = []): Promise<string[]> {
  const { from } = await readKitFile(kits, name);
  // a kit that is from itself is told by whoever builds it
  if (from === undefined || below.includes(from)) return [];
  const { environments } = await readKitFile(kits, from);
  const lists = environments.flatMap((one) =>
    one.folder === '.' && one.requirements !== undefined ? [`../${from}/${one.requirements}`] : [],
  );
  return [...(await heldBelow(kits, from, [...below, name])), ...lists];
}

async function demandWishes(file: string): Promise<void> {
  await readFile(file).catch((cause: NodeJS.ErrnoException) => {
    if (cause.code !== 'ENOENT') throw cause;
    throw new Problem('bad-request', `Write ${file} first: one package of Python a line.`, { cause });
  });
}
