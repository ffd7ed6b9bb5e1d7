/**
 * One command at a time changes what stands on this machine. The lock is flock(2)'s, held by a child that waits for the
 * end of our pipe: however we end, the kernel gives it back, so there is never a stale one.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile, writeFile } from 'node:fs/promises';

export interface Turn {
  /** called once where somebody else is at work. @param holder their pid */
  readonly waiting?: (holder: number) => void;
  /** ends the waiting, not the work */
  readonly signal?: AbortSignal;
}

/** Waits for its turn. @throws the signal's reason where it came first */
export async function withLock<T>(file: string, work: () => Promise<T>, turn: Turn = {}): Promise<T> {
  const holder = spawn('flock', [file, 'sh', '-c', 'echo held; exec cat'], {
    stdio: ['pipe', 'pipe', 'ignore'],
  });
  const looking = setInterval(() => void lookFor(), 200);
  let held = false;
  const lookFor = async () => {
    const pid = await holderIn(file);
    if (pid === null || held) return;
    clearInterval(looking);
    turn.waiting?.(pid);
  };
  try {
    const ended = once(holder, 'close').then(() => {
      throw new Error('flock ended before it gave the lock');
    });
    const { signal } = turn;
    const [said] = (await Promise.race([
      once(holder.stdout, 'data', signal === undefined ? {} : { signal }).catch((error: unknown) => {
        throw signal?.aborted === true ? signal.reason : error;
      }),
      ended,
    ])) as [Buffer];
    if (said.toString() !== 'held\n') throw new Error(`flock said ${said.toString()}`);
    held = true;
    clearInterval(looking);
    // for whoever waits: it is read by nobody while nobody holds the lock
    await writeFile(file, `${process.pid}\n`);
    return await work();
  } finally {
    clearInterval(looking);
    holder.stdin.end();
    if (!held) holder.kill();
  }
}

/** @returns null where nobody has begun yet: what stands there is of an earlier one, who has ended */
async function holderIn(file: string): Promise<number | null> {
  try {
    const pid = Number(await readFile(file, 'utf8'));
    if (!Number.isInteger(pid) || pid <= 0) return null;
    process.kill(pid, 0);
    return pid;
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    if (code === 'ENOENT' || code === 'ESRCH') return null;
    throw error;
  }
}
