/** Work done again and again, never twice at once; a failure is logged and the next round comes. */
import type { Log } from '../../telemetry/index.ts';

/** @param ms between rounds; 0: none. @returns its owner's handle: closing waits for the round under way */
export function rounds(ms: number, work: () => Promise<void>, log: Log): { close(): Promise<void> } {
  let underWay: Promise<void> | undefined;
  const round = (): void => {
    underWay ??= work()
      .catch((error: unknown) => log.error({ err: error }, 'looking after logins failed'))
      .finally(() => (underWay = undefined));
  };
  const timer = ms === 0 ? undefined : setInterval(round, ms).unref();
  return {
    close: async () => {
      clearInterval(timer);
      await underWay;
    },
  };
}
