/** Looks after sandboxes: what a learner, the kernel or the machine ended is told to the pool as lost, with the reason. */
import type { Sandbox } from '../driver.ts';
import type { Pool } from '../pool/pool.ts';

/** How often each sandbox's process is looked at; one small file each. */
const LOOK_MS = 1_000;

export interface Outlook {
  /** look now; returns at once */
  look(): void;
  close(): Promise<void>;
}

export interface OutlookOptions {
  readonly pool: Pick<Pool, 'list' | 'lost'>;
  /** why a sandbox no longer runs; null: it does */
  readonly ended: (sandbox: Sandbox) => Promise<string | null>;
  readonly onTrouble: (what: string, error: unknown) => void;
}

export function createOutlook({ pool, ended, onTrouble }: OutlookOptions): Outlook {
  let round: Promise<void> | undefined;
  let again = false;
  let closed = false;

  const lookOnce = async () => {
    for (const sandbox of pool.list()) {
      const reason = await ended(sandbox);
      if (reason !== null && !closed) await pool.lost(sandbox.id, reason);
    }
  };
  /** one round at a time; whoever asks meanwhile gets another one after it */
  const rounds = async () => {
    do {
      again = false;
      await lookOnce().catch((error: unknown) => onTrouble('looking after sandboxes', error));
    } while (again && !closed);
    round = undefined;
  };
  const look = () => {
    if (closed) return;
    again = true;
    round ??= rounds();
  };
  const timer = setInterval(look, LOOK_MS);
  timer.unref();

  return {
    look,
    async close() {
      closed = true;
      clearInterval(timer);
      await round;
    },
  };
}
