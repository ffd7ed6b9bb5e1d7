/** Names on the command line to lessons: `dask`, `dask/2-graph`; all without a name. */
import { lessonsBefore } from '../../catalogue/course.ts';
import type { Catalogue } from '../../catalogue/face.ts';
import { Problem } from '../../contract/errors.ts';
import type { Course, Lesson } from '../../contract/lesson.ts';

export interface Selected {
  readonly course: Course;
  readonly lesson: Lesson;
}
export const nameOf = ({ course, lesson }: Selected): string => `${course.id}/${lesson.id}`;

/** All that its learner has done before, and the lesson. */
export const played = ({ course, lesson }: Selected): Lesson[] => [
  ...lessonsBefore(lesson.id, course.lessons),
  lesson,
];

/**
 * @returns each lesson once, in the catalogue's order
 * @throws Problem `not-found` that names what there is
 */
export function selectLessons(catalogue: Pick<Catalogue, 'courses'>, names: readonly string[]): Selected[] {
  const all = catalogue.courses.flatMap((course) => course.lessons.map((lesson) => ({ course, lesson })));
  const fits = (name: string) => (one: Selected) => name === one.course.id || name === nameOf(one);
  for (const name of names) if (!all.some(fits(name))) throw unknown(name, all);
  return names.length === 0 ? all : all.filter((one) => names.some((name) => fits(name)(one)));
}

const unknown = (name: string, all: readonly Selected[]): Problem =>
  new Problem(
    'not-found',
    `There is no course or lesson '${name}'. There are: ${all.map(nameOf).join(', ')}.`,
  );
