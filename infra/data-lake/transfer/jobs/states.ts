/**
 * What a file and a job are doing. A file's (attempt, state) only moves forward: a new attempt begins at `waiting`
 * again, one number higher. FTS3 has fewer words; `spoken` says them.
 */

/**
 * held: another source, or an earlier hop, comes first · waiting: in the queue · preparing: source and destination
 * are asked, nothing is written · copying: the destination may hold bytes of ours · canceling: they are being
 * removed · the others are final.
 */
export const FILE_STATES = [
  'held',
  'waiting',
  'preparing',
  'copying',
  'canceling',
  'finished',
  'failed',
  'canceled',
  'unused',
] as const;
export type FileState = (typeof FILE_STATES)[number];

/** N: files of their own · R: several sources for a file, the first that serves is used · H: hops, one after another */
export type JobType = 'N' | 'R' | 'H';
export type JobState = 'SUBMITTED' | 'ACTIVE' | 'FINISHED' | 'FAILED' | 'FINISHEDDIRTY' | 'CANCELED';
export type SpokenFileState = 'NOT_USED' | 'SUBMITTED' | 'ACTIVE' | 'FINISHED' | 'FAILED' | 'CANCELED';

const NEXT: Readonly<Record<FileState, readonly FileState[]>> = {
  held: ['waiting', 'unused', 'canceled'],
  waiting: ['preparing', 'failed', 'canceled'],
  // finished: the bytes were there already; waiting: the next attempt
  preparing: ['copying', 'finished', 'failed', 'waiting', 'canceling'],
  copying: ['finished', 'failed', 'waiting', 'canceling'],
  canceling: ['canceled'],
  finished: [],
  failed: [],
  canceled: [],
  unused: [],
};

/** The states from which `to` may be reached: the guard of every change in the database. */
export function mayBecome(to: FileState): readonly FileState[] {
  return FILE_STATES.filter((from) => NEXT[from].includes(to));
}

export function isFinal(state: FileState): boolean {
  return NEXT[state].length === 0;
}
/** In the hands of this process: what a crash interrupts. */
export function isUnderWay(state: FileState): boolean {
  return state === 'preparing' || state === 'copying' || state === 'canceling';
}

const SPOKEN: Readonly<Record<FileState, SpokenFileState>> = {
  held: 'NOT_USED',
  waiting: 'SUBMITTED',
  preparing: 'ACTIVE',
  copying: 'ACTIVE',
  canceling: 'CANCELED',
  finished: 'FINISHED',
  failed: 'FAILED',
  canceled: 'CANCELED',
  unused: 'NOT_USED',
};
export function spoken(state: FileState): SpokenFileState {
  return SPOKEN[state];
}

/** A file of a job as far as the job's state goes. `index` is the same for all sources of one file. */
export interface Standing {
  readonly index: number;
  readonly state: FileState;
}

/**
 * The job's state from its files. A file with several sources counts once: finished when one source served, failed
 * when none did. FINISHEDDIRTY: some arrived, some did not.
 */
export function jobState(files: readonly Standing[]): JobState {
  const outcomes = outcomesOf(files);
  if (outcomes.every((one) => one === 'waiting')) return 'SUBMITTED';
  if (outcomes.some((one) => one === 'waiting' || one === 'active')) return 'ACTIVE';
  if (outcomes.every((one) => one === 'finished')) return 'FINISHED';
  if (outcomes.some((one) => one === 'canceled')) return 'CANCELED';
  return outcomes.some((one) => one === 'finished') ? 'FINISHEDDIRTY' : 'FAILED';
}

type Outcome = 'waiting' | 'active' | 'finished' | 'failed' | 'canceled';

function outcomesOf(files: readonly Standing[]): readonly Outcome[] {
  const byIndex = new Map<number, FileState[]>();
  for (const { index, state } of files) byIndex.set(index, [...(byIndex.get(index) ?? []), state]);
  return [...byIndex.values()].map(outcomeOf);
}

function outcomeOf(sources: readonly FileState[]): Outcome {
  const has = (...states: FileState[]) => sources.some((state) => states.includes(state));
  if (has('finished')) return 'finished';
  if (has('preparing', 'copying')) return 'active';
  // a failed source whose next one waits is under way
  if (has('waiting', 'held')) return has('failed') ? 'active' : 'waiting';
  if (has('canceling', 'canceled')) return 'canceled';
  return 'failed';
}

/**
 * What the end of one file means for the others of its job.
 * @returns indices into `files`: which begin to wait, which are not needed any more
 */
export function afterwards(
  type: JobType,
  files: readonly Standing[],
  ended: number,
): { readonly wake: readonly number[]; readonly drop: readonly number[] } {
  const end = files[ended];
  if (end === undefined || !isFinal(end.state)) return { wake: [], drop: [] };
  const held = files.flatMap((file, at) => (file.state === 'held' ? [at] : []));
  if (type === 'H')
    return end.state === 'finished' ? { wake: held.slice(0, 1), drop: [] } : { wake: [], drop: held };
  const alternatives = held.filter((at) => files[at]?.index === end.index);
  if (end.state === 'failed') return { wake: alternatives.slice(0, 1), drop: [] };
  return { wake: [], drop: alternatives };
}
