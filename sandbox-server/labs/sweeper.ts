/** Homes are kept for a promised time after the last use, then go; labs that run are in use. */
import { keptUntil, type Context } from './context.ts';
import type { LabRecord } from './records.ts';

const HOUR_MS = 3600 * 1000;
/** a running lab's promise is renewed when it has this much less than its full time: one write a day */
const DAY_MS = 24 * HOUR_MS;

/** @param end ends one lab in its lane */
export function createSweeper(
  context: Context,
  end: (record: LabRecord) => Promise<unknown>,
  everyMs = HOUR_MS,
): Disposable {
  const timer = setInterval(() => {
    sweep(context, end).catch((error: unknown) => {
      context.log.error({ err: error }, 'sweeping kept labs failed');
    });
  }, everyMs).unref();
  return {
    [Symbol.dispose]: () => {
      clearInterval(timer);
    },
  };
}

export async function sweep(context: Context, end: (record: LabRecord) => Promise<unknown>): Promise<void> {
  if (!context.replicas.leads) return;
  const now = context.clock();
  for (const record of await context.records.allOpen()) {
    if (record.state === 'ready' && record.kept_until < keptUntil(context) - DAY_MS)
      await context.change(record, { kept_until: keptUntil(context) }, true);
    else if ((record.state === 'paused' || record.state === 'failed') && record.kept_until < now)
      await end(record);
  }
}
