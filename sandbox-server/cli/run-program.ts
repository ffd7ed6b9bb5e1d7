/** The end of a command line: what it was called with is done, or it is said why not. */
import type { Command } from 'commander';
import { Problem } from '../contract/errors.ts';

/** A Problem is a sentence on stderr and exit status 1; anything else is a fault of ours, and thrown with its stack. */
export async function runProgram(program: Command): Promise<void> {
  try {
    await program.parseAsync();
  } catch (error) {
    if (!(error instanceof Problem)) throw error;
    process.stderr.write(`${program.name()}: ${error.message}\n`);
    process.exitCode = 1;
  }
}
