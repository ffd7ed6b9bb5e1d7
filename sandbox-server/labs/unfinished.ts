/** Pauses and ends that failed half-way (the store of homes or the cluster was away) are tried again until they are done. */
import type { Context } from './context.ts';
import type { LabRecord } from './records.ts';
import { endLab, pauseLab } from './stop.ts';

const MINUTE_MS = 60_000;

/**
 * @param inLane runs the work in the lab's lane, with its row as it is then
 * @param everyMs between two rounds, ms
 */
export function finishUnfinished(
  context: Context,
  inLane: (record: LabRecord, work: (now: LabRecord) => Promise<LabRecord>) => Promise<LabRecord>,
  everyMs = MINUTE_MS,
): Disposable {
  let round: Promise<void> | null = null;
  const timer = setInterval(() => {
    round ??= finishAll(context, inLane)
      .catch((error: unknown) => {
        context.log.error({ err: error }, 'labs that were left half-way could not be looked at');
      })
      .finally(() => (round = null));
  }, everyMs).unref();
  return {
    [Symbol.dispose]: () => {
      clearInterval(timer);
    },
  };
}

async function finishAll(context: Context, inLane: Parameters<typeof finishUnfinished>[1]): Promise<void> {
  if (!context.replicas.leads) return;
  const open = await context.records.allOpen();
  await Promise.all(
    open
      .filter(({ state }) => state === 'pausing' || state === 'ending')
      .map((record) =>
        inLane(record, (now) => finish(context, now)).catch((error: unknown) => {
          context.log.warn(
            { lab: record.id, state: record.state, err: error },
            'a lab is left half-way still',
          );
        }),
      ),
  );
}

/** One whose turn has come may be done by now, or wanted again. */
function finish(context: Context, now: LabRecord): Promise<LabRecord> {
  if (now.state === 'pausing') return pauseLab(context, now);
  if (now.state === 'ending') return endLab(context, now);
  return Promise.resolve(now);
}
