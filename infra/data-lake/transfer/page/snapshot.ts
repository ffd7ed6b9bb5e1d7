/** The queue as people see it: links, what is on its way, how things ended. Names of files and users, never tokens. */
import { sql, type Kysely } from 'kysely';
import { siteOf } from '../jobs/addresses.ts';
import { isUnderWay, type FileState } from '../jobs/states.ts';
import type { Queue } from '../queue/queue.ts';
import type { Schema } from '../records/schema.ts';

export interface LinkView {
  readonly from: string;
  readonly to: string;
  readonly waiting: number;
  readonly active: number;
  /** in the last hour */
  readonly finished: number;
  readonly failed: number;
  /** bytes/s */
  readonly rate: number;
}
export interface FileView {
  readonly id: number;
  readonly name: string;
  readonly user: string;
  readonly from: string;
  readonly to: string;
  readonly state: 'waiting' | 'active' | 'finished' | 'failed' | 'canceled';
  readonly attempt: number;
  readonly size: number | null;
  readonly bytes: number;
  /** ms since the epoch: when it got into this state, as far as that is known */
  readonly at: number;
  readonly reason: string;
}
export interface Snapshot {
  readonly at: number;
  readonly waiting: number;
  readonly active: number;
  readonly finished: number;
  readonly failed: number;
  readonly rate: number;
  readonly links: readonly LinkView[];
  /** under way first, then what waits next, then what ended last; at most some fifty */
  readonly files: readonly FileView[];
  readonly banned: readonly { readonly element: string; readonly message: string }[];
}
export interface Snapshots {
  take(): Promise<Snapshot>;
}

const HOUR_MS = 3_600_000;
/** A class of 28 looks at once: one look into the database serves them all. */
const FRESH_MS = 500;
const MOST = { active: 30, waiting: 10, ended: 20 } as const;

export function createSnapshots(db: Kysely<Schema>, queue: Queue, now: () => number): Snapshots {
  let last: { at: number; snapshot: Promise<Snapshot> } | null = null;
  return {
    take() {
      if (last === null || now() - last.at >= FRESH_MS || now() < last.at)
        last = { at: now(), snapshot: look(db, queue, now()) };
      return last.snapshot;
    },
  };
}

async function look(db: Kysely<Schema>, queue: Queue, now: number): Promise<Snapshot> {
  const ended = await endedByLink(db, now - HOUR_MS);
  const links = linksOf(queue, ended);
  const sum = (of: (link: LinkView) => number) => links.reduce((total, link) => total + of(link), 0);
  return {
    at: now,
    waiting: queue.waiting.size,
    active: queue.flights.size,
    finished: sum((link) => link.finished),
    failed: sum((link) => link.failed),
    rate: sum((link) => link.rate),
    links,
    files: await filesOf(db, queue),
    banned: [...queue.elements()].flatMap(([element, { banned }]) =>
      banned === null ? [] : [{ element: siteOf(element), message: banned.message }],
    ),
  };
}

interface EndedLink {
  readonly link: string;
  readonly state: FileState;
  readonly count: number;
}
async function endedByLink(db: Kysely<Schema>, since: number): Promise<readonly EndedLink[]> {
  return db
    .selectFrom('files')
    .select((e) => [
      sql<string>`source_element || ' > ' || destination_element`.as('link'),
      'state',
      e.fn.countAll<number>().as('count'),
    ])
    .where('state', 'in', ['finished', 'failed'])
    .where('finished_at', '>', since)
    .groupBy(['link', 'state'])
    .execute();
}

function linksOf(queue: Queue, ended: readonly EndedLink[]): readonly LinkView[] {
  const links = new Map<string, { waiting: number; active: number; finished: number; failed: number }>();
  const at = (link: string) => {
    const known = links.get(link) ?? { waiting: 0, active: 0, finished: 0, failed: 0 };
    links.set(link, known);
    return known;
  };
  for (const { link } of queue.waiting.values()) at(link).waiting += 1;
  for (const { link } of queue.flights.values()) at(link).active += 1;
  for (const { link, state, count } of ended) at(link)[state === 'finished' ? 'finished' : 'failed'] += count;
  return [...links]
    .sort(([a], [b]) => a.localeCompare(b))
    .map(([link, counts]) => {
      const [from = '', to = ''] = link.split(' > ');
      return { from: siteOf(from), to: siteOf(to), ...counts, rate: queue.meter.rate(link) };
    });
}

async function filesOf(db: Kysely<Schema>, queue: Queue): Promise<readonly FileView[]> {
  const flights = queue.flights;
  const next = [...queue.waiting.keys()].slice(0, MOST.waiting);
  const ids = [...[...flights.keys()].slice(0, MOST.active), ...next];
  const rows = await db
    .selectFrom('files')
    .innerJoin('jobs', 'jobs.id', 'files.job')
    .selectAll('files')
    .select(['jobs.user', 'jobs.submitted_at'])
    .where((e) =>
      e.or([...(ids.length === 0 ? [] : [e('files.id', 'in', ids)]), e('files.id', 'in', lastEnded(db))]),
    )
    .execute();
  return rows
    .map((row) => ({
      id: row.id,
      name: decodedName(row.destination),
      user: row.user,
      from: siteOf(row.source_element),
      to: siteOf(row.destination_element),
      state: shownState(row.state),
      attempt: row.failures + 1,
      size: row.size,
      bytes: flights.get(row.id)?.bytes ?? row.transferred,
      at: row.finished_at ?? row.started_at ?? row.submitted_at,
      reason: row.reason,
    }))
    .sort((a, b) => RANK[a.state] - RANK[b.state] || b.at - a.at || b.id - a.id);
}

function lastEnded(db: Kysely<Schema>) {
  return db
    .selectFrom('files')
    .select('files.id')
    .where('finished_at', 'is not', null)
    .where('state', 'in', ['finished', 'failed', 'canceled'])
    .orderBy('finished_at', 'desc')
    .limit(MOST.ended);
}

const RANK: Readonly<Record<FileView['state'], number>> = {
  active: 0,
  waiting: 1,
  failed: 2,
  finished: 2,
  canceled: 2,
};

function shownState(state: FileState): FileView['state'] {
  if (isUnderWay(state)) return 'active';
  return state === 'held' ||
    state === 'unused' ||
    state === 'preparing' ||
    state === 'copying' ||
    state === 'canceling'
    ? 'waiting'
    : state;
}

function decodedName(surl: string): string {
  const name = surl.slice(surl.lastIndexOf('/') + 1);
  try {
    return decodeURIComponent(name);
  } catch (error) {
    // a % that is no escape is part of the name
    if (error instanceof URIError) return name;
    throw error;
  }
}
