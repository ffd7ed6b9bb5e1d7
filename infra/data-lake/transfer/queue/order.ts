/**
 * Who is next: pure. Each user has turns; a file of priority p costs 1/p of a turn, so that five urgent files cost as
 * much as one unhurried one and nobody starves, however much somebody else submits. Among a user's own files the
 * priority decides, then who came first. Limits of links and elements decide what may start at all.
 */
import { settingsOf, type Elements, type Limits } from './limits.ts';

export interface Waiting {
  readonly file: number;
  readonly job: string;
  readonly user: string;
  readonly priority: number;
  /** `host:port`, both; `link` is their pair */
  readonly source: string;
  readonly destination: string;
  readonly link: string;
  /** two files never write to one address at once */
  readonly target: string;
  /** ms since the epoch; later than now after a failed attempt */
  readonly notBefore: number;
}
export type Running = Pick<Waiting, 'source' | 'destination' | 'link' | 'target'>;
/**
 * What users have had, in turns (fair queueing). The clock is what everybody who waits has had on average: whoever
 * comes new, or comes back, begins there.
 */
export interface Turns {
  readonly clock: number;
  readonly had: ReadonlyMap<string, number>;
}
export const NO_TURNS: Turns = { clock: 0, had: new Map() };

export interface Choice {
  readonly start: readonly Waiting[];
  readonly turns: Turns;
}

/** While a user's element is banned others go ahead; afterwards no more than this many turns are made good. */
const MOST_OWED = 2;

/** @param waiting in the order of their arrival */
export function choose(
  waiting: Iterable<Waiting>,
  running: Iterable<Running>,
  turns: Turns,
  rules: { readonly limits: Limits; readonly elements: Elements; readonly now: number },
): Choice {
  const room = createRoom(running, rules.limits, rules.elements);
  const queues = queuesByUser(waiting, rules.now);
  const had = new Map(turns.had);
  const start: Waiting[] = [];
  let clock = turns.clock;
  for (const user of queues.keys())
    had.set(user, between(clock - MOST_OWED, had.get(user) ?? clock, clock + MOST_OWED));
  while (!room.full()) {
    const file = nextFile(queues, had, room);
    if (file === null) break;
    had.set(file.user, (had.get(file.user) ?? clock) + 1 / file.priority);
    clock += 1 / file.priority / queues.size;
    start.push(file);
    room.take(file);
    remove(queues, file);
  }
  return { start, turns: { clock, had: remembered(had, clock, queues) } };
}

function between(least: number, value: number, most: number): number {
  return Math.min(most, Math.max(least, value));
}

function remove(queues: Map<string, Waiting[]>, file: Waiting): void {
  const queue = queues.get(file.user) ?? [];
  queue.splice(queue.indexOf(file), 1);
}

/** Whoever waits, or had more than the average: users of last week are forgotten. */
function remembered(
  had: ReadonlyMap<string, number>,
  clock: number,
  queues: ReadonlyMap<string, readonly Waiting[]>,
): ReadonlyMap<string, number> {
  return new Map([...had].filter(([user, turn]) => turn > clock || (queues.get(user)?.length ?? 0) > 0));
}

function queuesByUser(waiting: Iterable<Waiting>, now: number): Map<string, Waiting[]> {
  const queues = new Map<string, Waiting[]>();
  for (const file of waiting) {
    if (file.notBefore > now) continue;
    const queue = queues.get(file.user);
    if (queue === undefined) queues.set(file.user, [file]);
    else queue.push(file);
  }
  // stable: within a priority they stay in the order of their arrival
  for (const queue of queues.values()) queue.sort((a, b) => b.priority - a.priority);
  return queues;
}

/** Of who had least; between equals, of who came first. */
function nextFile(
  queues: ReadonlyMap<string, readonly Waiting[]>,
  had: ReadonlyMap<string, number>,
  room: Room,
): Waiting | null {
  let best: { file: Waiting; turn: number } | null = null;
  for (const [user, queue] of queues) {
    const turn = had.get(user) ?? 0;
    if (best !== null && turn >= best.turn) continue;
    const file = queue.find((one) => room.has(one));
    if (file !== undefined) best = { file, turn };
  }
  return best?.file ?? null;
}

interface Room {
  full(): boolean;
  has(file: Running): boolean;
  take(file: Running): void;
}

/** Asked some thousand times for each choice: counts only, and what is known of a link is not found out twice. */
function createRoom(running: Iterable<Running>, limits: Limits, elements: Elements): Room {
  let total = 0;
  const [into, out, links] = [
    new Map<string, number>(),
    new Map<string, number>(),
    new Map<string, number>(),
  ];
  const targets = new Set<string>();
  const closed = new Set<string>();
  const add = (counts: Map<string, number>, key: string) => counts.set(key, (counts.get(key) ?? 0) + 1);

  function isOpen(file: Running): boolean {
    const from = settingsOf(elements, file.source);
    const to = settingsOf(elements, file.destination);
    return (
      from.banned === null &&
      to.banned === null &&
      (links.get(file.link) ?? 0) < limits.perLink &&
      (into.get(file.destination) ?? 0) < (to.inbound ?? limits.inbound) &&
      (out.get(file.source) ?? 0) < (from.outbound ?? limits.outbound)
    );
  }

  const room: Room = {
    full: () => total >= limits.total,
    has(file) {
      if (closed.has(file.link)) return false;
      if (isOpen(file)) return !targets.has(file.target);
      // room is only taken, never given back, while a choice is made
      closed.add(file.link);
      return false;
    },
    take(file) {
      total += 1;
      add(into, file.destination);
      add(out, file.source);
      add(links, file.link);
      targets.add(file.target);
    },
  };
  for (const file of running) room.take(file);
  return room;
}
