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
  const { from } = await readKitFile(kits, name);
  const held = await heldBelow(kits, from, [name]);
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

/** Lists of the first environment of a kit and of all that it is from, relative to the folder of another. */
async function heldBelow(
  kits: string,
  name: string | undefined,
  above: readonly string[],
): Promise<readonly string[]> {
  // a kit that is from itself is told by whoever builds it
  if (name === undefined || above.includes(name)) return [];
  const { environments, from } = await readKitFile(kits, name);
  const lists = environments.flatMap((one) =>
    one.folder === '.' && one.requirements !== undefined ? [`../${name}/${one.requirements}`] : [],
  );
  return [...(await heldBelow(kits, from, [...above, name])), ...lists];
}

async function demandWishes(file: string): Promise<void> {
  await readFile(file).catch((cause: NodeJS.ErrnoException) => {
    if (cause.code !== 'ENOENT') throw cause;
    throw new Problem('bad-request', `Write ${file} first: one package of Python a line.`, { cause });
  });
}
