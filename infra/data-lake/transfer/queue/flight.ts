/** One file on its way: from the queue's choice to its end in the records, whatever happens in between. */
import type { Copier, Order } from '../copy/third-party-copy.ts';
import { TransferFailure } from '../copy/failure.ts';
import { addressOf } from '../jobs/addresses.ts';
import { JobParams } from '../jobs/submission.ts';
import type { Records, Tokens, Turn, WaitingRow } from '../records/records.ts';
import type { FileRow, JobRow } from '../records/schema.ts';
import type { Log } from '../../../../sandbox-server/telemetry/index.ts';
import { waitBefore, type Retries } from './retry.ts';

export interface Crew {
  readonly records: Records;
  readonly copier: Copier;
  readonly retries: Retries;
  readonly log: Log;
  readonly now: () => number;
  readonly random: () => number;
}
/** Why a flight was broken off: `canceled` ends it; `stopping` leaves it to the next start. */
export type BreakOff = 'canceled' | 'stopping';

export interface Tracking {
  readonly signal: AbortSignal;
  readonly onBytes: (bytes: number) => void;
  readonly onSize: (size: number) => void;
}

/** @returns files that wait because of how this one ended */
export async function fly(crew: Crew, turn: Turn, tracking: Tracking): Promise<readonly WaitingRow[]> {
  if (!(await crew.records.begin(turn, crew.now()))) return [];
  const kept = await crew.records.file(turn.file);
  if (kept === null) return [];
  const { file, job, tokens } = kept;
  try {
    const order = await orderFor(crew, file, job, tokens);
    const arrived = await crew.copier.copy(order, {
      signal: tracking.signal,
      onBytes: tracking.onBytes,
      onWriting: async () => {
        if (!(await crew.records.writing(turn))) throw new DOMException('canceled meanwhile', 'AbortError');
      },
    });
    if (arrived.copied) tracking.onSize(arrived.size);
    crew.log.info({ ...told(file, job), size: arrived.size, copied: arrived.copied }, 'arrived');
    return await ended(crew, turn, { state: 'finished', transferred: arrived.size });
  } catch (error) {
    return await broken(crew, turn, kept, tracking.signal, error);
  }
}

async function orderFor(crew: Crew, file: FileRow, job: JobRow, tokens: Tokens): Promise<Order> {
  const params = JobParams.parse(JSON.parse(job.params));
  const isLast = job.type !== 'H' || (await isLastHop(crew, file));
  return {
    source: { url: addressOf(file.source), token: tokens.source },
    destination: { url: addressOf(file.destination), token: tokens.destination },
    checksum: file.checksum,
    size: file.size,
    verify: params.verify,
    overwrite: params.overwrite || (params.overwriteHop && !isLast),
    // the answer to a submission may be lost, and the same file be asked for twice
    ours: file.ours === 1 || (await crew.records.arrivedSince(file.destination, job.submitted_at)),
  };
}

async function isLastHop(crew: Crew, file: FileRow): Promise<boolean> {
  const [found] = await crew.records.jobs([file.job]);
  return found?.files.at(-1)?.id === file.id;
}

interface Kept {
  readonly file: FileRow;
  readonly job: JobRow;
  readonly tokens: Tokens;
}

async function broken(
  crew: Crew,
  turn: Turn,
  kept: Kept,
  signal: AbortSignal,
  error: unknown,
): Promise<readonly WaitingRow[]> {
  // the records keep it as under way: the next start looks at what arrived
  if (signal.aborted && signal.reason === ('stopping' satisfies BreakOff)) return [];
  if (signal.aborted || (error instanceof DOMException && error.name === 'AbortError'))
    return await land(crew, turn);
  const failed = error instanceof TransferFailure ? error : unexpected(crew, kept, error);
  const { retries, retryDelayMs } = JobParams.parse(JSON.parse(kept.job.params));
  const wait = failed.retry
    ? waitBefore(kept.file.failures + 1, { retries, delayMs: retryDelayMs }, crew.retries, crew.random())
    : null;
  crew.log.info(
    { ...told(kept.file, kept.job), reason: failed.message, wait },
    wait === null ? 'failed' : 'to be tried again',
  );
  if (wait === null)
    return await ended(crew, turn, { state: 'failed', reason: failed.message, found: failed.found });
  const row = await crew.records.again(turn, {
    notBefore: crew.now() + wait,
    failed: true,
    reason: failed.message,
  });
  return row === null ? await land(crew, turn) : [row];
}

/** Removes what a canceled attempt left. Also after a restart: `canceling` in the records is the promise to do so. */
export async function land(crew: Crew, turn: Turn): Promise<readonly WaitingRow[]> {
  const kept = await crew.records.file(turn.file);
  if (kept?.file.state !== 'canceling') return [];
  const { file, job, tokens } = kept;
  try {
    if (file.ours === 1) {
      const destination = { url: addressOf(file.destination), token: tokens.destination };
      await crew.copier.remove(destination, AbortSignal.timeout(30_000));
    }
  } catch (error) {
    // it is canceled all the same: the element may be the very reason
    if (!(error instanceof TransferFailure)) throw error;
    crew.log.warn(
      { ...told(file, job), reason: error.message },
      'what a canceled copy left could not be removed',
    );
  }
  crew.log.info(told(file, job), 'canceled');
  return await ended(crew, turn, { state: 'canceled', reason: file.reason });
}

async function ended(
  crew: Crew,
  turn: Turn,
  ending: {
    state: 'finished' | 'failed' | 'canceled';
    reason?: string;
    found?: unknown;
    transferred?: number;
  },
): Promise<readonly WaitingRow[]> {
  const woken = await crew.records.end(turn, { ...ending, at: crew.now() });
  // canceled in the very moment of its end
  return woken ?? (await land(crew, turn));
}

/** Not a fault of an element: ours, or of the disk. The job must not wait for ever, and the log has it all. */
function unexpected(crew: Crew, { file, job }: Kept, error: unknown): TransferFailure {
  crew.log.error({ ...told(file, job), err: error }, 'a transfer failed in a way that nobody expected');
  return new TransferFailure('TRANSFER [5] The transfer service failed; its log says why', true, {
    cause: error,
  });
}

function told(file: FileRow, job: JobRow): Record<string, unknown> {
  return {
    job: job.id,
    file: file.id,
    attempt: file.attempt,
    user: job.user,
    from: file.source,
    to: file.destination,
  };
}
