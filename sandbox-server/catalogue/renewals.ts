/** What differs between lessons as they were and as they are, for the loop of an author. Pure. */
import { createHash } from 'node:crypto';
import type { Lesson } from '../contract/lesson.ts';

/** A lesson that differs from what it was. */
export interface Renewal {
  readonly course: string;
  readonly lesson: string;
  /** ids of the steps whose checks, or what checks are played with, differ */
  readonly steps: readonly string[];
}

/**
 * @param sameScripts whether what a lesson's checks are played with is as it was
 * @returns one for each lesson that was there before and differs; a new one is nobody's yet
 */
export function renewals(
  before: readonly Lesson[],
  after: readonly Lesson[],
  sameScripts: (lesson: Lesson) => boolean,
): Renewal[] {
  const old = new Map(before.map((lesson) => [keyOf(lesson), lesson]));
  return after.flatMap((lesson) => {
    const was = old.get(keyOf(lesson));
    if (was === undefined || digest(was) === digest(lesson)) return [];
    const { course, id } = lesson;
    return [{ course, lesson: id, steps: renewedSteps(was, lesson, sameScripts(lesson)) }];
  });
}

function renewedSteps(before: Lesson, after: Lesson, sameScripts: boolean): string[] {
  const old = new Map(before.steps.map((step) => [step.id, checksOf(step)]));
  return after.steps
    .filter((step) => step.checks.length > 0 && old.has(step.id))
    .filter((step) => !sameScripts || old.get(step.id) !== checksOf(step))
    .map(({ id }) => id);
}

/** Where a check stands in its file is no part of it: a line added above must not run it again. */
const checksOf = ({ checks }: Lesson['steps'][number]): string =>
  digest(checks.map(({ place: _place, ...check }) => check));

export const keyOf = ({ course, id }: Pick<Lesson, 'course' | 'id'>): string => `${course}/${id}`;

export const digest = (value: unknown): string =>
  createHash('sha256').update(JSON.stringify(value)).digest('base64');
