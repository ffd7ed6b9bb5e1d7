/**
 * A mended module: a copy of its pinned version with a patch of ours over it, which stands in for it in one build. The
 * module itself stays as its sums say. (Go takes no `-overlay` for files of its module cache.)
 */
import { copyFile, cp } from 'node:fs/promises';
import { join } from 'node:path';
import { run } from '../../machine/run.ts';

export interface Mended {
  /** as Go unpacked it */
  readonly source: string;
  /** a unified diff against it, with `a/` and `b/` */
  readonly patch: string;
  /** an empty folder, for the copy */
  readonly copy: string;
}

/** @throws Error with patch's words where it does not fit, as after an update of the module */
export async function writeMended({ source, patch, copy }: Mended): Promise<void> {
  await cp(source, copy, { recursive: true });
  // Go's module cache is read-only
  await run(['chmod', '-R', 'u+w', copy]);
  await run(['patch', '-p1', '--fuzz=0', '--no-backup-if-mismatch', '-d', copy, '-i', patch]);
}

/**
 * The wrapper's go.mod with the copy in the module's place.
 * @param edit runs `go mod edit` with these words
 * @returns the file that `-modfile` names; the sums are beside it
 */
export async function writeModFile(
  module: string,
  { wrapper, copy, folder }: { readonly wrapper: string; readonly copy: string; readonly folder: string },
  edit: (words: readonly string[]) => Promise<unknown>,
): Promise<string> {
  const file = join(folder, 'go.mod');
  await copyFile(join(wrapper, 'go.mod'), file);
  await copyFile(join(wrapper, 'go.sum'), join(folder, 'go.sum'));
  await edit(['mod', 'edit', '-replace', `${module}=${copy}`, file]);
  return file;
}
