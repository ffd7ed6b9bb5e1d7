/**
 * When checks run by themselves: soon after a command or a change, what comes meanwhile put together into one more run.
 * A check that itself writes a file must not run for ever: runs for files alone slow down while nothing else happens.
 */
import type { Cause } from './step-rules.ts';

export interface AutoRuns extends Disposable {
  ask(cause: Cause): void;
}
/** several events of one command arrive within this */
const SOON_MS = 100;
/** between two runs for files alone: doubles from the first to the last of these while no command ends */
const FILES_MS = { first: 250, most: 8000 } as const;
/** a change so long after a run is not that run's own doing */
const FOREIGN_MS = 3000;
const WEIGHT: Readonly<Record<Cause, number>> = { files: 0, turn: 0, command: 1, action: 2, asked: 3 };

/** @param run checks what is to be checked; never called again before it resolved */
export function createAutoRuns(
  run: (cause: Cause) => Promise<void>,
  onError: (error: unknown) => void,
): AutoRuns {
  let due: Cause | null = null;
  let timer: NodeJS.Timeout | undefined;
  let running = false;
  let filesMs: number = FILES_MS.first;
  let endedAt = -Infinity;
  let closed = false;

  const go = async (cause: Cause): Promise<void> => {
    running = true;
    try {
      await run(cause);
    } catch (error) {
      onError(error);
    } finally {
      running = false;
      endedAt = performance.now();
      if (due !== null) arm(due);
    }
  };
  const arm = (cause: Cause): void => {
    if (running || closed) return;
    clearTimeout(timer);
    timer = setTimeout(begin, cause === 'files' ? filesMs : SOON_MS);
  };
  const begin = (): void => {
    const cause = due ?? 'files';
    due = null;
    timer = undefined;
    filesMs = cause === 'files' ? Math.min(filesMs * 2, FILES_MS.most) : FILES_MS.first;
    void go(cause);
  };
  return {
    ask(cause) {
      if (closed) return;
      if (!running && performance.now() - endedAt > FOREIGN_MS) filesMs = FILES_MS.first;
      const first = due === null;
      const heavier = due !== null && WEIGHT[cause] > WEIGHT[due];
      if (first || heavier) due = cause;
      // a further file change does not put the run off: the first one's time holds
      if (first || heavier) arm(cause);
    },
    [Symbol.dispose]() {
      closed = true;
      clearTimeout(timer);
    },
  };
}
