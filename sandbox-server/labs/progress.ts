/**
 * A learner's progress on a course: *done stays done*, each change of state with its time. It belongs to
 * (person, course), so it stays when a lab ends.
 */
import { z } from 'zod';
import type { Kysely } from 'kysely';
import { HintShown, StepProgress, type Progress } from '../contract/progress.ts';
import type { Course } from '../contract/lesson.ts';
import type { LabRow, Schema, StepRow, Store } from '../store/index.ts';

export interface RecordOptions {
  /** *Reset step*: the only way out of done and skipped */
  readonly reset?: boolean;
}
export type Owner = Pick<LabRow, 'id' | 'person' | 'course'>;
/** facts kept for one person and course; more are ignored */
const MOST_FACTS = 200;

const isOver = (state: StepProgress['state']): boolean => state === 'done' || state === 'skipped';

/**
 * What stands after `next` was said of a step that stood at `before`. Pure.
 * A step that is over keeps its state, message and time; what was acted in it is still noted.
 */
export function merge(
  before: StepProgress | undefined,
  next: StepProgress,
  now: number,
  reset: boolean,
): StepProgress {
  if (before === undefined || reset) return { ...next, at: now };
  if (isOver(before.state)) return { ...before, acted: union(before.acted, next.acted) };
  return { ...next, at: before.state === next.state ? before.at : now };
}

/** One learner's changes follow each other, also those of two servers: *done stays done* is read, merged and written. */
export async function recordStep(
  store: Pick<Store, 'inTurn'>,
  owner: Owner,
  next: StepProgress,
  now: number,
  options: RecordOptions,
): Promise<StepProgress> {
  return store.inTurn(`progress/${owner.person}`, async (trx) => {
    const before = await stepRow(trx, owner, next);
    const stands = merge(before && stepOf(before), next, now, options.reset === true);
    await writeStep(trx, owner, stands);
    if (before?.state !== stands.state || options.reset === true) await appendTransition(trx, owner, stands);
    return stands;
  });
}

export async function progressOf(db: Kysely<Schema>, person: string, course: Course): Promise<Progress> {
  const rows = await db
    .selectFrom('steps')
    .selectAll()
    .where('person', '=', person)
    .where('course', '=', course.id)
    .execute();
  const known = new Map(rows.map((row) => [`${row.lesson}/${row.step}`, stepOf(row)]));
  const steps = course.lessons.flatMap((lesson) =>
    lesson.steps.map((step) => known.get(`${lesson.id}/${step.id}`) ?? untouched(lesson.id, step.id)),
  );
  return { course: course.id, steps, facts: await factsOf(db, person, course.id) };
}

/** A step nobody has come to. */
export function untouched(lesson: string, step: string): StepProgress {
  return { lesson, step, state: 'todo', message: '', at: 0, tries: 0, hints: [], acted: [] };
}

/** @returns those that were news */
export async function learnFacts(
  store: Pick<Store, 'inTurn'>,
  owner: Owner,
  facts: Readonly<Record<string, string>>,
  now: number,
): Promise<Record<string, string>> {
  return store.inTurn(`progress/${owner.person}`, async (trx) => {
    const known = await factsOf(trx, owner.person, owner.course);
    const room = MOST_FACTS - Object.keys(known).length;
    const changed = Object.entries(facts).filter(
      ([name, value]) => Object.hasOwn(known, name) && known[name] !== value,
    );
    const added = Object.entries(facts)
      .filter(([name]) => !Object.hasOwn(known, name))
      .slice(0, Math.max(0, room));
    const news = [...changed, ...added];
    for (const [name, value] of news)
      await trx
        .insertInto('facts')
        .values({ person: owner.person, course: owner.course, name, value, at: now })
        .onConflict((c) => c.columns(['person', 'course', 'name']).doUpdateSet({ value, at: now }))
        .execute();
    return Object.fromEntries(news);
  });
}

/** Which lessons' steps were all done or skipped with this lab's home: their files are in it. */
export async function lessonsInHome(db: Kysely<Schema>, owner: Owner, course: Course): Promise<Set<string>> {
  const rows = await db
    .selectFrom('transitions')
    .select(['lesson', 'step'])
    .where('lab', '=', owner.id)
    .where('state', 'in', ['done', 'skipped'])
    .execute();
  const over = new Set(rows.map((row) => `${row.lesson}/${row.step}`));
  return new Set(
    course.lessons.filter((l) => l.steps.every((s) => over.has(`${l.id}/${s.id}`))).map((l) => l.id),
  );
}

async function factsOf(db: Kysely<Schema>, person: string, course: string): Promise<Record<string, string>> {
  const rows = await db
    .selectFrom('facts')
    .select(['name', 'value'])
    .where('person', '=', person)
    .where('course', '=', course)
    .execute();
  return Object.fromEntries(rows.map((row) => [row.name, row.value]));
}

function stepRow(
  db: Kysely<Schema>,
  owner: Owner,
  step: Pick<StepProgress, 'lesson' | 'step'>,
): Promise<StepRow | undefined> {
  return db
    .selectFrom('steps')
    .selectAll()
    .where('person', '=', owner.person)
    .where('course', '=', owner.course)
    .where('lesson', '=', step.lesson)
    .where('step', '=', step.step)
    .executeTakeFirst();
}

async function writeStep(db: Kysely<Schema>, owner: Owner, step: StepProgress): Promise<void> {
  const { lesson, step: id, state, message, at, tries } = step;
  const told = {
    state,
    message,
    at,
    tries,
    hints: JSON.stringify(step.hints),
    waiting: step.waiting === undefined ? null : JSON.stringify(step.waiting),
    acted: JSON.stringify(step.acted),
  };
  await db
    .insertInto('steps')
    .values({ person: owner.person, course: owner.course, lesson, step: id, ...told })
    .onConflict((c) => c.columns(['person', 'course', 'lesson', 'step']).doUpdateSet(told))
    .execute();
}

async function appendTransition(db: Kysely<Schema>, owner: Owner, step: StepProgress): Promise<void> {
  const { lesson, step: id, state, message, at } = step;
  await db
    .insertInto('transitions')
    .values({
      person: owner.person,
      course: owner.course,
      lab: owner.id,
      lesson,
      step: id,
      state,
      message,
      at,
    })
    .execute();
}

const Hints = z.array(HintShown);
const Names = z.array(z.string());

function stepOf(row: StepRow): StepProgress {
  const { lesson, step, state, message, at, tries } = row;
  const base = { lesson, step, state, message, at, tries };
  const lists = { hints: Hints.parse(JSON.parse(row.hints)), acted: Names.parse(JSON.parse(row.acted)) };
  if (row.waiting === null) return { ...base, ...lists };
  const waiting = StepProgress.shape.waiting.parse(JSON.parse(row.waiting));
  return { ...base, ...lists, ...(waiting === undefined ? {} : { waiting }) };
}

function union(a: readonly string[], b: readonly string[]): string[] {
  return [...new Set([...a, ...b])];
}
