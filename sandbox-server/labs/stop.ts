/** Pause, end, and a sandbox lost: each in the lab's lane, each may be repeated after a crash in its middle. */
import { Problem } from '../contract/errors.ts';
import { keptUntil, type Context } from './context.ts';
import { callOff } from './drive.ts';
import type { Change, LabRecord } from './records.ts';
import { closedFor } from './shared-labs.ts';
import { leaveLive } from './start-run.ts';

const RESTING: Change = { sandbox: null, ready_at: null, isolation: null, slot: null };

/** The sandbox goes, the home is kept. */
export async function pauseLab(context: Context, record: LabRecord): Promise<LabRecord> {
  if (record.state === 'paused') return record;
  if (record.state === 'ending' || record.state === 'ended') throw over();
  await callOff(context, record.id, new Problem('conflict', 'The lab was paused.'));
  const pausing = await context.change(record, { state: 'pausing' }, true);
  close(context, record.id, 'paused');
  await context.driver.release(record.id);
  return context.change(
    pausing,
    { ...RESTING, state: 'paused', problem: null, kept_until: keptUntil(context) },
    true,
  );
}

/** Sandbox and home go, progress stays. */
export async function endLab(context: Context, record: LabRecord): Promise<LabRecord> {
  if (record.state === 'ended') return record;
  await callOff(context, record.id, new Problem('conflict', 'The lab was ended.'));
  const ending = await context.change(record, { state: 'ending', slot: null }, true);
  close(context, record.id, 'ended');
  await context.driver.release(record.id);
  await context.driver.discard(record.id);
  return context.change(ending, { ...RESTING, state: 'ended', problem: null }, true);
}

/**
 * The sandbox ended by itself (F3): an honest pause with what was kept; *Resume* goes on.
 * @param sandbox the one that was lost; null: the one it had before the server stopped
 */
export async function loseLab(
  context: Context,
  record: LabRecord,
  sandbox: string | null,
  reason: string,
): Promise<LabRecord> {
  const mine = context.live.get(record.id)?.sandbox.id;
  // a late word about a sandbox that was already replaced or given back
  if (sandbox !== null && mine !== sandbox) return record;
  const problem = new Problem(
    'sandbox-gone',
    `Your sandbox ended (${reason}). Your files and your progress are kept; programs that ran in it have stopped. Resume the lab to go on.`,
  );
  await callOff(context, record.id, problem);
  close(context, record.id, 'lost');
  // the driver may still hold its home: given back, the next claim finds it
  await context.driver.release(record.id);
  const lost: Change = {
    ...RESTING,
    state: 'paused',
    problem: JSON.stringify(problem.toBody()),
    kept_until: keptUntil(context),
  };
  return context.change(record, lost, true);
}

function close(context: Context, lab: string, why: 'paused' | 'ended' | 'lost'): void {
  leaveLive(context, lab);
  closedFor(context, lab, why);
}

function over(): Problem {
  return new Problem(
    'conflict',
    'This lab has ended. Start the lesson for a new one; your progress is kept.',
  );
}
