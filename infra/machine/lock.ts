/**
 * One command at a time changes what stands on this machine. The lock is flock(2)'s, held by a child that waits for the
 * end of our pipe: however we end, the kernel gives it back, so there is never a stale one.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';

/** Waits for its turn. @param waiting called once where somebody else is at work */
export async function withLock<T>(
  file: string,
  work: () => Promise<T>,
  waiting: () => void = () => {},
): Promise<T> {
  const holder = spawn('flock', [file, 'sh', '-c', 'echo held; exec cat'], {
    stdio: ['pipe', 'pipe', 'ignore'],
  });
  const late = setTimeout(waiting, 200);
  try {
    const held = once(holder.stdout, 'data');
    const [said] = (await Promise.race([
      held,
      once(holder, 'close').then(() => {
        throw new Error('flock ended before it gave the lock');
      }),
    ])) as [Buffer];
    if (said.toString() !== 'held\n') throw new Error(`flock said ${said.toString()}`);
    clearTimeout(late);
    return await work();
  } finally {
    clearTimeout(late);
    holder.stdin.end();
  }
}
