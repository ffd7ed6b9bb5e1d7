/** Binaries that are missing are built, each by one command of this machine; the others wait for it and say for whom. */
import { mkdir } from 'node:fs/promises';
import { dirname } from 'node:path';
import { withLock } from '../../machine/lock.ts';
import type { Staged as StagedBy } from '../../machine/staged.ts';
import type { Stage } from '../box/stages.ts';
import { buildBinary, missingBinaries, placeBinaries, type Binaries } from './binaries.ts';
import { RECIPES, type BinaryName } from './recipes.ts';

type Staged = StagedBy<Stage>;

/**
 * One after the other: each uses all cores by itself.
 * @throws Problem `unavailable` where Go is missing, too old or fails; the signal's reason where it ends the waiting
 */
export async function provideBinaries(
  cache: string,
  wanted: readonly BinaryName[],
  staged: Staged,
  signal: AbortSignal,
): Promise<Binaries> {
  const binaries = await placeBinaries(cache);
  for (const name of await missingBinaries(binaries, wanted)) await provide(binaries, name, staged, signal);
  return binaries;
}

async function provide(binaries: Binaries, name: BinaryName, staged: Staged, signal: AbortSignal) {
  const folder = dirname(binaries[name]);
  await mkdir(dirname(folder), { recursive: true });
  const waited = Promise.withResolvers<void>();
  const waiting = (holder: number) => {
    const detail = `${name}: waiting for process ${holder}, which builds it already`;
    void staged('binaries', () => waited.promise, { detail });
  };
  const build = async () => {
    waited.resolve();
    if ((await missingBinaries(binaries, [name])).length === 0) return;
    const detail = `${name}, once, about ${RECIPES[name].minutes} CPU minutes`;
    await staged('binaries', (progress) => buildBinary(binaries, name, progress, signal), { detail });
  };
  await withLock(`${folder}.lock`, build, { waiting, signal }).finally(() => waited.resolve());
}
