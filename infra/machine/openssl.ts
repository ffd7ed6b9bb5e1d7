/** The openssl program: Node reads certificates and cannot make them. */
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { Problem } from '../../sandbox-server/contract/errors.ts';

const run = promisify(execFile);

/** @throws Problem `unavailable` where the program is not there, `internal` with its last words where it failed */
export async function openssl(args: readonly string[]): Promise<void> {
  try {
    await run('openssl', [...args], { timeout: 60_000 });
  } catch (error) {
    throw problemOf(error, args[0] ?? '');
  }
}

function problemOf(error: unknown, verb: string): Problem {
  const { code, stderr } = error as { code?: unknown; stderr?: string };
  if (code === 'ENOENT')
    return new Problem('unavailable', 'The program openssl is missing: install the package openssl.', {
      cause: error,
    });
  return new Problem('internal', `openssl ${verb} failed: ${(stderr ?? '').slice(-600).trim()}`, {
    cause: error,
  });
}
