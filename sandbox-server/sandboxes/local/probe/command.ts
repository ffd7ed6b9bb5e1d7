/** Runs a short program to see what a machine can do. */
import { execFile } from 'node:child_process';

export interface Outcome {
  /** it could be started and ended with 0 */
  readonly ok: boolean;
  readonly stdout: string;
  /** its own complaint, or why it could not be started */
  readonly complaint: string;
}

export function outcome(argv: readonly string[], ms = 10_000): Promise<Outcome> {
  const [program = '', ...args] = argv;
  return new Promise((resolve) => {
    execFile(
      program,
      args,
      {
        timeout: ms,
        env: { PATH: '/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin', LANG: 'C.UTF-8' },
        cwd: '/',
      },
      (error, stdout, stderr) => {
        resolve({
          ok: error === null,
          stdout,
          complaint: error === null ? '' : stderr.trim() || error.message,
        });
      },
    );
  });
}

/** @returns [major, minor] of the first `N.N` in a text; null where there is none */
export function versionIn(text: string): readonly [number, number] | null {
  const found = /(\d+)\.(\d+)/.exec(text);
  return found === null ? null : [Number(found[1]), Number(found[2])];
}

export function atLeast(version: readonly [number, number] | null, major: number, minor: number): boolean {
  return version !== null && (version[0] > major || (version[0] === major && version[1] >= minor));
}
