/** A Python environment from a locked list with hashes, by uv. */
import { join } from 'node:path';
import { runTool } from './tool.ts';

export interface LockedEnvironment {
  readonly uv: string;
  /** the interpreter it stands on */
  readonly python: string;
  /** may be there already, with other things in it */
  readonly folder: string;
  /** the locked list */
  readonly lock: string;
  readonly signal: AbortSignal;
  /** each line that uv says while it installs: see `heard` */
  readonly onLine: (line: string) => void;
}

/** Relocatable: it is built under another name than it is used. @throws Error with uv's last words */
export async function installLocked(environment: LockedEnvironment): Promise<void> {
  const { uv, python, folder, lock, signal, onLine } = environment;
  await makeVenv(uv, python, folder, signal);
  const install = [uv, 'pip', 'sync', '--require-hashes', '--compile-bytecode'];
  await runTool([...install, '--python', join(folder, 'bin/python'), lock], signal, onLine);
}

function makeVenv(uv: string, python: string, folder: string, signal: AbortSignal): Promise<unknown> {
  const venv = [uv, 'venv', '--quiet', '--relocatable', '--allow-existing'];
  return runTool([...venv, '--python', python, folder], signal);
}
