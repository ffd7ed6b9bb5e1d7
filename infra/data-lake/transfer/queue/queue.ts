/**
 * The queue: what waits, what is on its way, and the choice of what starts. The records are the truth; what is kept
 * here is what the choice needs, made anew from them at each start.
 */
import type { Log } from '../../../../sandbox-server/telemetry/index.ts';
import type { Copier } from '../copy/third-party-copy.ts';
import { type NewJob } from '../jobs/submission.ts';
import type { ElementRecords } from '../records/elements.ts';
import type { Records, Turn, WaitingRow } from '../records/records.ts';
import type { FileRow } from '../records/schema.ts';
import { fly, land, type BreakOff, type Crew } from './flight.ts';
import { settingsOf, type Elements, type ElementSettings, type Limits } from './limits.ts';
import { createMeter, type Meter } from './meter.ts';
import { choose, NO_TURNS, type Turns, type Waiting } from './order.ts';
import type { Retries } from './retry.ts';

export interface QueueOptions {
  readonly records: Records;
  readonly elementRecords: ElementRecords;
  readonly copier: Copier;
  readonly limits: Limits;
  readonly retries: Retries;
  readonly log: Log;
  /** ms that ended jobs are kept */
  readonly keptMs: number;
  /** ms between looks for what nobody holds, what waited too long, what is old */
  readonly sweepMs?: number;
  readonly now?: () => number;
  readonly random?: () => number;
}
export interface Entry extends Waiting {
  readonly attempt: number;
  /** null: it waits as long as it takes */
  readonly until: number | null;
}
export interface Flight extends Entry {
  readonly since: number;
  readonly bytes: number;
}
export interface Queue {
  /** Takes up what an earlier process left, and begins. */
  start(): Promise<void>;
  /** @returns false where a job of this id exists. The job is on the disk when this returns. */
  submit(job: NewJob): Promise<boolean>;
  cancel(job: string): Promise<void>;
  prioritise(job: string, priority: number): Promise<void>;
  elements(): Elements;
  configure(name: string, change: Partial<ElementSettings>): Promise<void>;
  readonly waiting: ReadonlyMap<number, Entry>;
  readonly flights: ReadonlyMap<number, Flight>;
  readonly meter: Meter;
  /** Breaks copies off; the next start takes them up. */
  close(): Promise<void>;
}

const SWEEP_MS = 10_000;
const CANCELED = 'Job canceled by the user';
const TOO_LONG = 'Job has been canceled because it stayed in the queue for too long';

interface Airborne {
  readonly abort: AbortController;
  readonly done: Promise<void>;
  seen: Flight;
}

export function createQueue(options: QueueOptions): Queue {
  const { records, elementRecords, limits, log } = options;
  const now = options.now ?? Date.now;
  const crew: Crew = { ...options, now, random: options.random ?? Math.random };
  const waiting = new Map<number, Entry>();
  const airborne = new Map<number, Airborne>();
  const meter = createMeter(now);
  const timers: { wake?: NodeJS.Timeout; sweep?: NodeJS.Timeout } = {};
  const state: { turns: Turns; elements: Elements; soon: boolean; closed: boolean; sweeping: Promise<void> } =
    {
      turns: NO_TURNS,
      elements: new Map(),
      soon: false,
      closed: false,
      sweeping: Promise.resolve(),
    };

  function admit(rows: readonly WaitingRow[]): void {
    for (const row of rows) waiting.set(row.id, entryFrom(row));
    if (rows.length > 0) pumpSoon();
  }

  /** Many files of one job end or begin in the same moment: one choice for them all. */
  function pumpSoon(): void {
    if (state.soon || state.closed) return;
    state.soon = true;
    setImmediate(() => {
      state.soon = false;
      if (!state.closed) pump();
    });
  }

  function pump(): void {
    const rules = { limits, elements: state.elements, now: now() };
    const running = [...airborne.values()].map((one) => one.seen);
    const { start, turns } = choose(waiting.values(), running, state.turns, rules);
    state.turns = turns;
    for (const { file } of start) {
      const entry = waiting.get(file);
      if (entry !== undefined) launch(entry);
    }
    wakeLater(rules.now);
  }

  /** @param chosenAt by the choice's clock: a look a moment later would forget who came due in between */
  function wakeLater(chosenAt: number): void {
    clearTimeout(timers.wake);
    let next = Infinity;
    for (const { notBefore } of waiting.values()) if (notBefore > chosenAt) next = Math.min(next, notBefore);
    if (next !== Infinity) timers.wake = setTimeout(pumpSoon, Math.min(next - chosenAt, 60_000));
  }

  function launch(entry: Entry): void {
    waiting.delete(entry.file);
    const turn = { file: entry.file, attempt: entry.attempt };
    hold(entry, (abort) =>
      fly(crew, turn, {
        signal: abort.signal,
        onBytes: (bytes) => progress(entry.file, bytes),
        onSize: (size) => progress(entry.file, size),
      }),
    );
  }

  /** Runs the work of one file as its one holder. What it throws was no transfer's fault: the sweep takes it up. */
  function hold(entry: Entry, work: (abort: AbortController) => Promise<readonly WaitingRow[]>): void {
    const abort = new AbortController();
    const done = work(abort)
      .then((rows) => {
        airborne.delete(entry.file);
        if (!state.closed) admit(rows);
      })
      .catch((error: unknown) => {
        airborne.delete(entry.file);
        log.error({ err: error, file: entry.file }, 'a transfer could not be recorded; it is taken up again');
      })
      .finally(pumpSoon);
    airborne.set(entry.file, { abort, done, seen: { ...entry, since: now(), bytes: 0 } });
  }

  function progress(file: number, bytes: number): void {
    const one = airborne.get(file);
    if (one === undefined || bytes <= one.seen.bytes) return;
    meter.add(one.seen.link, bytes - one.seen.bytes);
    one.seen = { ...one.seen, bytes };
  }

  /** Files that the records say are under way, and that nobody holds: a process before us was killed. */
  async function takeUp(): Promise<void> {
    for (const file of await records.underWay()) {
      if (airborne.has(file.id)) continue;
      const turn: Turn = { file: file.id, attempt: file.attempt };
      log.warn({ file: file.id, job: file.job, state: file.state }, 'taken up after an interruption');
      if (file.state === 'canceling') hold(entryOf(file), () => land(crew, turn));
      else {
        const row = await records.again(turn, { notBefore: 0, failed: false, reason: file.reason });
        if (row !== null) admit([row]);
      }
    }
  }

  /** `failed` lets another source of the same file have its turn; `canceled` does not. */
  async function giveUp(state: 'failed' | 'canceled', why: (entry: Entry) => string | null): Promise<void> {
    for (const entry of [...waiting.values()]) {
      const reason = why(entry);
      if (reason === null || !waiting.delete(entry.file)) continue;
      const turn = { file: entry.file, attempt: entry.attempt };
      admit((await records.end(turn, { state, reason, at: now() })) ?? []);
    }
  }

  async function giveUpBanned(): Promise<void> {
    // nearly always nothing is banned: thousands that wait are not looked at for each submission
    if ([...state.elements.values()].every(({ banned }) => banned?.status !== 'cancel')) return;
    await giveUp('failed', (entry) => banOf(state.elements, entry));
  }

  async function sweep(): Promise<void> {
    await takeUp();
    await giveUp('canceled', ({ until }) => (until !== null && until < now() ? TOO_LONG : null));
    const pruned = await records.prune(now() - options.keptMs);
    if (pruned > 0) log.info({ jobs: pruned }, 'old jobs forgotten');
    pumpSoon();
  }

  function sweepLater(): void {
    timers.sweep = setTimeout(() => {
      state.sweeping = sweep()
        .catch((error: unknown) => log.error({ err: error }, 'the queue could not be looked through'))
        .finally(() => state.closed || sweepLater());
    }, options.sweepMs ?? SWEEP_MS);
  }

  return {
    waiting,
    meter,
    get flights() {
      return new Map([...airborne].map(([file, { seen }]) => [file, seen]));
    },
    async start() {
      state.elements = await elementRecords.all();
      admit(await records.waiting());
      await takeUp();
      sweepLater();
    },
    async submit(job) {
      const rows = await records.add(job);
      if (rows === null) return false;
      admit(rows);
      await giveUpBanned();
      return true;
    },
    async cancel(job) {
      const active = await records.cancel(job, CANCELED, now());
      for (const entry of [...waiting.values()]) if (entry.job === job) waiting.delete(entry.file);
      for (const { file } of active) airborne.get(file)?.abort.abort('canceled' satisfies BreakOff);
    },
    async prioritise(job, priority) {
      await records.prioritise(job, priority);
      for (const entry of [...waiting.values()])
        if (entry.job === job) waiting.set(entry.file, { ...entry, priority });
    },
    elements: () => state.elements,
    async configure(name, change) {
      await elementRecords.set(name, change);
      state.elements = await elementRecords.all();
      await giveUpBanned();
      pumpSoon();
    },
    async close() {
      state.closed = true;
      clearTimeout(timers.wake);
      clearTimeout(timers.sweep);
      const all = [...airborne.values()];
      for (const { abort } of all) abort.abort('stopping' satisfies BreakOff);
      await Promise.all([...all.map(({ done }) => done), state.sweeping]);
    },
  };
}

function entryFrom(row: WaitingRow): Entry {
  return {
    file: row.id,
    job: row.job,
    attempt: row.attempt,
    user: row.user,
    priority: row.priority,
    source: row.source_element,
    destination: row.destination_element,
    link: `${row.source_element} > ${row.destination_element}`,
    target: row.destination,
    notBefore: row.not_before,
    until: row.queue_until,
  };
}
/** For a file that is only cleaned up: whose turn it was does not matter any more. */
function entryOf(file: FileRow): Entry {
  return entryFrom({ ...file, user: '', priority: 3, queue_until: null });
}

/** Why a file that waits is given up: one of its elements is banned, and not for a while only. */
function banOf(elements: Elements, entry: Entry): string | null {
  for (const element of [entry.source, entry.destination]) {
    const { banned } = settingsOf(elements, element);
    if (banned?.status === 'cancel') return `${element} is banned: ${banned.message}`;
  }
  return null;
}
