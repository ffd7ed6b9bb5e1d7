/** For tests that kill a server of the lake. */
import { runningServer } from '../part.ts';
import type { LakePlace } from '../place.ts';

/**
 * Signals a server that must run, and answers its pid. A missing pid is an error here: `process.kill(0)` is our own
 * process group, and once ended a whole CI run (exit 137) when a test was tried again while its server was down.
 * @throws Error where it does not run
 */
export async function signalServer(
  place: LakePlace,
  name: string,
  signal: NodeJS.Signals = 'SIGKILL',
): Promise<number> {
  const running = await runningServer(place, name);
  if (running === null) throw new Error(`${name} does not run`);
  process.kill(running.pid, signal);
  return running.pid;
}
