/**
 * Gives a learner's bash its rc file (`bashrc.sh`). The nonce in it is known to this file and the agent alone, so that
 * what a program prints is never taken for a prompt.
 */
import { randomBytes } from 'node:crypto';
import fs from 'node:fs';
import { join } from 'node:path';

const TEMPLATE = fs.readFileSync(new URL('bashrc.sh', import.meta.url), 'utf8');

/** 96 bits in hex: nothing that a prompt string or an escape sequence would interpret. */
export const newNonce = (): string => randomBytes(12).toString('hex');

function rcFor(nonce: string): string {
  return TEMPLATE.replace('__palestra_n=NONCE', `__palestra_n=${nonce}`);
}

/** Writes the rc file into a private folder. @returns the shell's arguments */
export function integrate(folder: string, terminal: string, nonce: string): string[] {
  const path = join(folder, `rc-${terminal}`);
  fs.writeFileSync(path, rcFor(nonce), { mode: 0o600 });
  return ['--rcfile', path, '-i'];
}
