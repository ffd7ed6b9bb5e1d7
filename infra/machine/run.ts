/** Runs a short program of the lake to its end. */
import { execFile } from 'node:child_process';

export interface RunOptions {
  readonly input?: string;
  readonly env?: Readonly<Record<string, string>>;
  readonly cwd?: string;
  /** default 60 s */
  readonly ms?: number;
}

/** @returns its standard output. @throws Error with its last words (of standard error) where it fails */
export function run(argv: readonly string[], options: RunOptions = {}): Promise<string> {
  const [program = '', ...args] = argv;
  const env = options.env ?? { PATH: '/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin', LANG: 'C.UTF-8' };
  return new Promise((done, fail) => {
    const child = execFile(
      program,
      args,
      { env, cwd: options.cwd ?? '/', timeout: options.ms ?? 60_000, maxBuffer: 32_000_000 },
      (error, stdout, stderr) => {
        if (error === null) done(stdout);
        else
          fail(
            new Error(`${program} failed: ${stderr.trim().slice(-2_000) || error.message}`, { cause: error }),
          );
      },
    );
    // one that ends before it has read everything is judged by its exit
    child.stdin?.on('error', (error: NodeJS.ErrnoException) => {
      if (error.code !== 'EPIPE') fail(error);
    });
    child.stdin?.end(options.input ?? '');
  });
}
