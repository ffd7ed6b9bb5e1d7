/** Pause, end, and a sandbox lost: each in the lab's lane, each may be repeated after a crash in its middle. */
import { Problem } from '../contract/errors.ts';
import { endCluster } from './cluster-access.ts';
import { keptUntil, type Context } from './context.ts';
import { callOff } from './drive.ts';
import type { Change, LabRecord } from './records.ts';
import { closedFor } from './shared-labs.ts';
import { leaveLive } from './start-run.ts';

const RESTING: Change = { sandbox: null, ready_at: null, isolation: null, slot: null };

/**
 * The sandbox goes, the home is kept.
 * @throws Problem `unavailable` where it could not be saved: the sandbox runs on, the pause is tried again by itself
 * (unfinished.ts), and whoever starts the lab meanwhile goes on in it
 * @param why said to the learner where they did not ask for it
 */
export async function pauseLab(
  context: Context,
  record: LabRecord,
  why: Problem | null = null,
): Promise<LabRecord> {
  if (record.state === 'paused') return record;
  if (record.state === 'ending' || record.state === 'ended') throw over();
  await callOff(context, record.id, new Problem('conflict', 'The lab was paused.'));
  const pausing = await context.change(record, { state: 'pausing' }, true);
  close(context, record.id, 'paused');
  await releaseOrSay(context, pausing);
  const problem = why === null ? null : JSON.stringify(why.toBody());
  return context.change(
    pausing,
    { ...RESTING, state: 'paused', problem, kept_until: keptUntil(context) },
    true,
  );
}

/**
 * A pause that a server left in its middle. Where homes are saved and the sandbox is gone meanwhile, nobody knows whether
 * the save came to its end: what is kept is said, and from when.
 */
export async function finishPause(context: Context, record: LabRecord, runs: boolean): Promise<LabRecord> {
  const unsure = !runs && context.config.savedHomes === true && record.sandbox !== null;
  return pauseLab(context, record, unsure ? goneProblem(context, 'while it was paused', record) : null);
}

/** Its machine is to be emptied: a pause that nobody asked for, saved like any other and explained. */
export async function leaveLab(
  context: Context,
  record: LabRecord,
  sandbox: string,
  reason: string,
): Promise<LabRecord> {
  if (record.sandbox !== sandbox) return record;
  const text = `Your sandbox was closed (${reason}). Your files were saved just before, and your progress is kept; programs that ran in it have stopped. Resume to go on.`;
  return pauseLab(context, record, new Problem('sandbox-gone', text));
}

/** What keeps a pause from its end stands with the lab, also for who comes later. */
async function releaseOrSay(context: Context, pausing: LabRecord): Promise<void> {
  try {
    await context.driver.release(pausing.id);
  } catch (error) {
    if (error instanceof Problem)
      await context.change(pausing, { problem: JSON.stringify(error.toBody()) }, true);
    throw error;
  }
}

/** Sandbox and home go, progress stays. */
export async function endLab(context: Context, record: LabRecord): Promise<LabRecord> {
  if (record.state === 'ended') return record;
  await callOff(context, record.id, new Problem('conflict', 'The lab was ended.'));
  const ending = await context.change(record, { state: 'ending', slot: null }, true);
  close(context, record.id, 'ended');
  await endCluster(context, record);
  await context.driver.release(record.id, { forget: true });
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
  await callOff(context, record.id, new Problem('sandbox-gone', 'The sandbox ended.'));
  close(context, record.id, 'lost');
  // the driver may still hold its home: given back, the next claim finds it; where that fails, the next claim ends it
  await context.driver.release(record.id).catch((error: unknown) => {
    context.log.warn(
      { lab: record.id, err: error },
      'what is left of a lost sandbox could not be given back',
    );
  });
  const problem = goneProblem(context, reason, await context.records.get(record.id));
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

/** What is left, and from when: where homes do not stay with their sandboxes, only what was saved. */
function goneProblem(context: Context, reason: string, record: LabRecord | undefined): Problem {
  const savedAt = record?.saved_at ?? null;
  const after = 'programs that ran in it have stopped.';
  if (context.config.savedHomes !== true)
    return new Problem(
      'sandbox-gone',
      `Your sandbox ended (${reason}). Your files and your progress are kept; ${after} Resume the lab to go on.`,
    );
  const files =
    savedAt === null
      ? 'It had not been saved yet, so its files are gone; your progress is kept, and'
      : `Your files are kept as they were ${savedWhen(context.clock(), savedAt)}, and your progress; what you changed since is gone, and`;
  return new Problem(
    'sandbox-gone',
    `Your sandbox ended (${reason}). ${files} ${after} Start again to go on.`,
    {
      details: { savedAt },
    },
  );
}

/** The server does not know the learner's clock: how long ago, and the time with its zone. */
function savedWhen(now: number, savedAt: number): string {
  const minutes = Math.max(0, Math.round((now - savedAt) / 60_000));
  const ago =
    minutes === 0 ? 'less than a minute' : minutes === 1 ? 'a minute' : `${String(minutes)} minutes`;
  return `${ago} ago (saved at ${new Date(savedAt).toISOString().slice(11, 16)} UTC)`;
}

function over(): Problem {
  return new Problem(
    'conflict',
    'This lab has ended. Start the lesson for a new one; your progress is kept.',
  );
}
