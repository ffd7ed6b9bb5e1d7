/** Homes are kept for a promised time after the last use, then go; labs that run are in use. What ended labs left on the cluster goes too. */
import { keptUntil, type Context } from './context.ts';
import type { LabRecord } from './records.ts';

const HOUR_MS = 3600 * 1000;
/** a running lab's promise is renewed when it has this much less than its full time: one write a day */
const DAY_MS = 24 * HOUR_MS;
const CLUSTER_MS = 5 * 60 * 1000;

/** @param end ends one lab in its lane */
export function createSweeper(
  context: Context,
  end: (record: LabRecord) => Promise<unknown>,
  everyMs = HOUR_MS,
): Disposable {
  const timers = [
    repeatedly(everyMs, () => sweep(context, end), context, 'sweeping kept labs failed'),
    repeatedly(CLUSTER_MS, () => sweepCluster(context), context, 'sweeping learners’ namespaces failed'),
  ];
  return {
    [Symbol.dispose]: () => {
      for (const timer of timers) clearInterval(timer);
    },
  };
}

function repeatedly(
  everyMs: number,
  work: () => Promise<void>,
  { log }: Pick<Context, 'log'>,
  failed: string,
): NodeJS.Timeout {
  const once = (): void => {
    work().catch((error: unknown) => {
      log.error({ err: error }, failed);
    });
  };
  return setInterval(once, everyMs).unref();
}

/** A lab that is there in any state may go on; one that has ended has nothing on the cluster any more. */
export async function sweepCluster({ cluster, replicas, records }: Context): Promise<void> {
  if (!replicas.leads) return;
  await cluster?.sweep(async (lab) => {
    const record = await records.get(lab);
    return record !== undefined && record.state !== 'ended';
  });
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
