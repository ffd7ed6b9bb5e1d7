/** Runs behind an answer: at most one a lab, its failure written down as the lab's problem. */
import { Problem } from '../contract/errors.ts';
import type { Context } from './context.ts';
import type { LabRecord } from './records.ts';
import { closedFor } from './shared-labs.ts';
import { leaveLive } from './start-run.ts';

/** Begins a run; to be called in the lab's lane, where no other runs. */
export function drive(
  context: Context,
  lab: string,
  run: (context: Context, id: string, signal: AbortSignal) => Promise<void>,
): void {
  const abort = new AbortController();
  const done = run(context, lab, abort.signal)
    .catch((error: unknown) => failed(context, lab, error, abort.signal))
    .catch((error: unknown) => {
      context.log.error({ lab, err: error }, 'a failed start could not be written down');
    })
    .finally(() => {
      if (context.runs.get(lab)?.abort === abort) context.runs.delete(lab);
    });
  context.runs.set(lab, { abort, done });
}

/** Calls a run off and waits for its end: after it nothing of it changes the lab. */
export async function callOff(context: Context, lab: string, why: Error): Promise<void> {
  const run = context.runs.get(lab);
  if (run === undefined) return;
  run.abort.abort(why);
  await run.done;
}

async function failed(context: Context, lab: string, error: unknown, signal: AbortSignal): Promise<void> {
  // whoever called it off decides what the lab is now
  if (signal.aborted) return;
  const problem = problemOf(error);
  context.log.warn({ lab, err: error }, 'a start failed');
  const record = await context.records.get(lab);
  if (record === undefined) return;
  if (context.live.get(lab)?.wasReady === true) return stayReady(context, record, problem);
  leaveLive(context, lab);
  closedFor(context, lab, 'lost');
  // released before it is called failed: a *Start* that comes at once must not meet this release
  await context.driver.release(lab);
  await context.change(
    record,
    { state: 'failed', problem: JSON.stringify(problem.toBody()), sandbox: null, slot: null },
    true,
  );
}

/** A further lesson that could not be opened costs nobody the programs that run: the lab stays, and says why. */
async function stayReady(context: Context, record: LabRecord, problem: Problem): Promise<void> {
  await context.change(record, { state: 'ready', problem: JSON.stringify(problem.toBody()) }, true);
  context.hub.publish(record.person, { type: 'warning', lab: record.id, text: problem.message });
}

function problemOf(error: unknown): Problem {
  if (error instanceof Problem) return error;
  return new Problem(
    'internal',
    'The lab could not be started, by a fault of ours. Start again; your files are kept.',
    { cause: error },
  );
}
