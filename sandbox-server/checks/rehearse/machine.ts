/** How busy this machine is, looked at each second while a class works. */
import os from 'node:os';

export interface Sample {
  /** seconds since the watch began */
  readonly at: number;
  /** share of all processors' time since the look before: 0 to 1 */
  readonly processors: number;
  /** share of memory that programs could still have */
  readonly memory: number;
}
const EVERY_MS = 1_000;

/** Until disposed. @param onSample each second */
export function watchMachine(onSample: (sample: Sample) => void): Disposable {
  const began = performance.now();
  let before = spent();
  const timer = setInterval(() => {
    const now = spent();
    const all = now.all - before.all;
    onSample({
      at: (performance.now() - began) / 1000,
      processors: all === 0 ? 0 : (now.busy - before.busy) / all,
      memory: os.freemem() / os.totalmem(),
    });
    before = now;
  }, EVERY_MS);
  return { [Symbol.dispose]: () => clearInterval(timer) };
}

function spent(): { busy: number; all: number } {
  const times = os.cpus().map(({ times: each }) => each);
  const all = times.reduce((sum, each) => sum + each.user + each.nice + each.sys + each.idle + each.irq, 0);
  return { all, busy: all - times.reduce((sum, each) => sum + each.idle, 0) };
}
