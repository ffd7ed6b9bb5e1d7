/** A Python environment from locked lists with hashes, by uv. */
import { join } from 'node:path';
import { runTool } from './tool.ts';

export interface LockedEnvironment {
  readonly uv: string;
  /** the interpreter it stands on */
  readonly python: string;
  /** may be there already, with other things in it */
  readonly folder: string;
  /** locked lists; what stands in several must have one version in all of them */
  readonly locks: readonly string[];
  readonly signal: AbortSignal;
  /** each line that uv says while it installs: see `heard` */
  readonly onLine: (line: string) => void;
}

/** Relocatable: it is built under another name than it is used. @throws Error with uv's last words */
export async function installLocked(environment: LockedEnvironment): Promise<void> {
  const { uv, python, folder, locks, signal, onLine } = environment;
  await makeVenv(uv, python, folder, signal);
  const install = [uv, 'pip', 'sync', '--require-hashes', '--compile-bytecode'];
  await runTool([...install, '--python', join(folder, 'bin/python'), ...locks], signal, onLine);
}

function makeVenv(uv: string, python: string, folder: string, signal: AbortSignal): Promise<unknown> {
  const venv = [uv, 'venv', '--quiet', '--relocatable', '--allow-existing'];
  return runTool([...venv, '--python', python, folder], signal);
}
