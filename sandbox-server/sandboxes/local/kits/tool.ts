/** Runs a long program whose lines are listened to. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';

/** how much of a failing program's last words is kept */
const LAST_WORDS = 4_000;

/**
 * @param onLine each line of standard output and error
 * @throws Error with the program's last words where it fails or `signal` aborts it
 */
export async function runTool(
  argv: readonly string[],
  signal: AbortSignal,
  onLine: (line: string) => void = () => {},
): Promise<void> {
  const [program = '', ...args] = argv;
  // the index's address, proxies and certificates are the operator's, in PIP_*, UV_* and their like
  const env = {
    ...process.env,
    NO_COLOR: '1',
    UV_NO_PROGRESS: '1',
    PIP_DISABLE_PIP_VERSION_CHECK: '1',
    PYTHONDONTWRITEBYTECODE: '1',
  };
  const child = spawn(program, args, { stdio: ['ignore', 'pipe', 'pipe'], env, signal });
  let words = '';
  const hear = (line: string) => {
    words = `${words}${line}\n`.slice(-LAST_WORDS);
    onLine(line);
  };
  createInterface({ input: child.stdout }).on('line', hear);
  createInterface({ input: child.stderr }).on('line', hear);
  const [code, by] = (await once(child, 'close')) as [number | null, NodeJS.Signals | null];
  if (code !== 0) throw new Error(`${program} ended with ${code ?? by}: ${words.trim()}`);
}
