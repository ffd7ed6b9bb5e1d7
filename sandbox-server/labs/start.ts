/** *Start*: entitled? already one? The answer comes at once; the run goes on behind it. */
import { setTimeout as wait } from 'node:timers/promises';
import { Problem } from '../contract/errors.ts';
import type { Course, Lesson } from '../contract/lesson.ts';
import type { Lab, LabState, StartLab } from '../contract/lab.ts';
import type { Language } from '../contract/names.ts';
import { refusalOf } from '../identity/entitled.ts';
import type { Person, SignedIn } from '../identity/face.ts';
import { newId } from '../sandboxes/ids.ts';
import { isTaken, type LabRow } from '../store/index.ts';
import { vetCluster } from './cluster-access.ts';
import { keptUntil, type Context } from './context.ts';
import type { LabRecord } from './records.ts';
import { drive } from './drive.ts';
import { runLesson, runStart } from './start-run.ts';
import { endLab, pauseLab } from './stop.ts';

export type Lane = <T>(of: { person: string; course: string }, work: () => Promise<T>) => Promise<T>;
/** those that hold or will hold a sandbox */
const COUNTED: ReadonlySet<LabState> = new Set([
  'queued',
  'preparing',
  'claiming',
  'filling',
  'ready',
  'pausing',
]);
const STARTING: ReadonlySet<LabState> = new Set(['queued', 'preparing', 'claiming', 'filling']);

/** One press of *Start*, parsed: who pressed, for whom, and for what. */
interface Start {
  readonly who: SignedIn;
  readonly person: Person;
  readonly course: Course;
  readonly lesson: Lesson;
  readonly prepare: boolean;
  /** of the page; absent: not said */
  readonly language: Language | undefined;
}

export async function startLab(context: Context, lane: Lane, who: SignedIn, request: StartLab): Promise<Lab> {
  const { course, lesson } = wanted(context, request);
  const refusal = refusalOf(course, lesson, who.entitlements);
  if (refusal !== null) throw new Problem('forbidden', refusal);
  const person = await learner(context, who, request);
  vetCluster(context, lesson, person);
  return lane({ person: person.id, course: course.id }, async () => {
    const { prepare, language } = request;
    const start = { who, person, course, lesson, prepare, language };
    return context.toLab(await ensure(context, start));
  });
}

function wanted({ catalogue }: Context, request: StartLab): { course: Course; lesson: Lesson } {
  const course = catalogue.course(request.course);
  const lesson = catalogue.lesson(request.course, request.lesson);
  if (course === undefined || lesson === undefined)
    throw new Problem('not-found', 'There is no such lesson.');
  return { course, lesson };
}

/** Who the lab is for: oneself, or whoever an instructor or operator names. */
async function learner(context: Context, who: SignedIn, { onBehalfOf }: StartLab): Promise<Person> {
  if (onBehalfOf === undefined || onBehalfOf === who.person.id) return who.person;
  if (!who.entitlements.roles.some((role) => role === 'instructor' || role === 'operator'))
    throw new Problem('forbidden', 'Only instructors and operators may start a lab for somebody else.');
  const person = await context.identity.person(onBehalfOf);
  if (person === null)
    throw new Problem('not-found', 'There is no such person: they must have signed in once.');
  return person;
}

/** In the lab's lane: the one lab of this person and course, on its way to the lesson. */
async function ensure(context: Context, start: Start): Promise<LabRecord> {
  const found = await context.records.openOf(start.person.id, start.course.id);
  if (found === undefined) return create(context, start);
  const record = await spokenTo(context, found, start);
  if (record.state === 'ready') return goOn(context, record, start);
  if (STARTING.has(record.state)) return redirect(context, record, start);
  // left half-way by a crash that adopt() has not come to yet: finish it first
  if (record.state === 'ending') {
    await endLab(context, record);
    return create(context, start);
  }
  // its pause failed, so its sandbox runs on: in the same kit it is claimed again as it is
  const goesOn = record.state !== 'pausing' || record.kit === start.lesson.needs.kit;
  return restart(context, goesOn ? record : await pauseLab(context, record), start);
}

async function create(context: Context, start: Start): Promise<LabRecord> {
  const { who, person, course } = start;
  const [inserted, record] = await withSlot(context, who, person.id, async (slot) => {
    const done = await context.records.insert(newRow(context, start, slot));
    const stands = await context.records.openOf(person.id, course.id);
    return stands === undefined ? 'taken' : ([done, stands] as const);
  });
  // another server on this database was first: its lab is the lab
  if (inserted) {
    context.hub.publish(person.id, { type: 'lab', lab: context.toLab(record) });
    drive(context, record.id, runStart);
  }
  return record;
}

/** From now on in the language of the page that asks. */
async function spokenTo(context: Context, record: LabRecord, { language }: Start): Promise<LabRecord> {
  if (language === undefined || language === record.language) return record;
  return context.change(record, { language }, true);
}

function newRow(context: Context, start: Start, slot: number): LabRow {
  const { who, person, course, lesson, prepare, language = 'en' } = start;
  return {
    id: newId(),
    person: person.id,
    course: course.id,
    lesson: lesson.id,
    state: 'queued',
    stages: '[]',
    sandbox: null,
    kit: lesson.needs.kit,
    isolation: null,
    created_at: context.clock(),
    ready_at: null,
    kept_until: keptUntil(context),
    problem: null,
    prepare: prepare ? 1 : 0,
    prepared: '[]',
    started_by: who.person.id === person.id ? null : who.person.id,
    slot,
    fence: context.replicas.term,
    language,
  };
}

/** What the lab's row is to say; an earlier wish to prepare is never taken back. */
function wishOf({ lesson, prepare }: Start): Partial<LabRow> {
  return { lesson: lesson.id, ...(prepare ? { prepare: 1 } : {}) };
}
function asksNothingNew(record: LabRecord, { lesson, prepare }: Start): boolean {
  return record.lesson === lesson.id && !prepare;
}

/** A ready lab: the next lesson goes on in the same sandbox, unless it needs another kit. */
async function goOn(context: Context, record: LabRecord, start: Start): Promise<LabRecord> {
  if (asksNothingNew(record, start)) return record;
  // it just became ready: its run is at its last line, and two must not work on one lab
  await context.runs.get(record.id)?.done;
  if (record.kit !== start.lesson.needs.kit) return restart(context, await pauseLab(context, record), start);
  const going = await context.change(record, { ...wishOf(start), state: 'filling', stages: '[]' }, true);
  drive(context, record.id, runLesson);
  return going;
}

/** On its way already: it opens the lesson asked for last, in another sandbox where that needs another kit. */
async function redirect(context: Context, record: LabRecord, start: Start): Promise<LabRecord> {
  if (record.kit !== start.lesson.needs.kit) return restart(context, await pauseLab(context, record), start);
  const moved = asksNothingNew(record, start) ? record : await context.change(record, wishOf(start), true);
  if (!context.runs.has(record.id)) drive(context, record.id, runStart);
  return moved;
}

async function restart(context: Context, record: LabRecord, start: Start): Promise<LabRecord> {
  const again = {
    ...wishOf(start),
    state: 'queued' as const,
    kit: start.lesson.needs.kit,
    stages: '[]',
    problem: null,
    sandbox: null,
    ready_at: null,
  };
  const queued =
    record.slot === null
      ? await withSlot(context, start.who, record.person, async (slot) =>
          context.change(record, { ...again, slot }, true).catch(takenOrThrow),
        )
      : await context.change(record, again, true);
  drive(context, record.id, runStart);
  return queued;
}

/** many servers and tabs at once: each round somebody gets a place */
const MOST_ROUNDS = 50;

/**
 * Takes one of the person's places with what `write` writes. Places are unique rows, so that parallel starts of several
 * courses, wherever they are asked for, are never more than the account may have (finding 15).
 * @param write answers `taken` where somebody else got that place
 */
async function withSlot<T>(
  context: Context,
  who: SignedIn,
  person: string,
  write: (slot: number) => Promise<T | 'taken'>,
): Promise<T> {
  for (let round = 0; round < MOST_ROUNDS; round += 1) {
    const held = await within(context, who, person);
    const slot = Array.from({ length: who.entitlements.labs }, (_, i) => i + 1).find((n) => !held.has(n));
    const written = slot === undefined ? 'taken' : await write(slot);
    if (written !== 'taken') return written;
    await wait(10);
  }
  throw new Problem('limit', 'Too many labs are being started for this account at once. Try again.');
}

function takenOrThrow(error: unknown): 'taken' {
  if (isTaken(error)) return 'taken';
  throw error;
}

/**
 * Limits count by account, never by address: a class sits behind one.
 * @returns places that are held. Throws Problem `limit` where all are
 */
async function within(context: Context, who: SignedIn, person: string): Promise<ReadonlySet<number>> {
  const open = await context.records.openOfPerson(person);
  const labs = open.filter((record) => COUNTED.has(record.state));
  if (labs.length < who.entitlements.labs)
    return new Set(open.flatMap(({ slot }) => (slot === null ? [] : [slot])));
  const courses = labs.map((record) => context.catalogue.course(record.course)?.title ?? record.course);
  throw new Problem(
    'limit',
    `You have ${String(labs.length)} labs running, which is as many as your account may have: ${courses.join(', ')}. Pause or end one, then start this.`,
    { details: { labs: labs.map((record) => record.id) } },
  );
}
