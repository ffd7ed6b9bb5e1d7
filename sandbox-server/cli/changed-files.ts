/** Files that differ from a commit, those that git does not know yet too. */
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { Problem } from '../contract/errors.ts';

/** @returns paths relative to the checkout. @throws Problem `bad-request` with git's own words */
export async function changedFiles(root: string, ref: string): Promise<string[]> {
  const [differing, unknown] = await Promise.all([
    git(root, 'diff', '--name-only', '-z', ref, '--'),
    git(root, 'ls-files', '--others', '--exclude-standard', '-z'),
  ]);
  return [...differing, ...unknown];
}

async function git(root: string, ...args: readonly string[]): Promise<string[]> {
  try {
    const { stdout } = await promisify(execFile)('git', args, { cwd: root, maxBuffer: 64 << 20 });
    return stdout.split('\0').filter((file) => file !== '');
  } catch (error) {
    if (!(error instanceof Error && 'stderr' in error)) throw error;
    const words = String(error.stderr).trim().split('\n')[0] ?? '';
    throw new Problem('bad-request', `What has changed cannot be told: ${words || error.message}`);
  }
}
