/**
 * Gives a learner's bash its rc file (`bashrc.sh`), and Python's prompt its own (`pythonrc.py`). The nonce in them is known to this file and the agent alone, so that
 * what a program prints is never taken for a prompt.
 */
import { randomBytes } from 'node:crypto';
import fs from 'node:fs';
import { join } from 'node:path';

const PYTHON = fs.readFileSync(new URL('pythonrc.py', import.meta.url), 'utf8');
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

/** The same for whoever starts `python3` there. @returns what its environment says of it */
export function integratePython(folder: string, terminal: string, nonce: string): Record<string, string> {
  const path = join(folder, `pythonrc-${terminal}.py`);
  fs.writeFileSync(path, PYTHON.replace('"NONCE"', `"${nonce}"`), { mode: 0o600 });
  // the line editor of 3.13 draws prompts and pasted lines in its own way, and asks for the prompt at each key
  return { PYTHONSTARTUP: path, PYTHON_BASIC_REPL: '1' };
}
