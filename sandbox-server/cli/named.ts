/** Courses and lessons by the names that a person types. */
import type { Catalogue } from '../catalogue/face.ts';
import { Problem } from '../contract/errors.ts';
import type { Course, Lesson } from '../contract/lesson.ts';

/** @throws Problem `not-found` that names what there is */
export function courseNamed(catalogue: Pick<Catalogue, 'courses' | 'course'>, name: string): Course {
  const course = catalogue.course(name);
  if (course !== undefined) return course;
  const all = catalogue.courses.map(({ id }) => id).join(', ');
  throw new Problem('not-found', `There is no course '${name}'. There are: ${all}.`);
}

/** @throws Problem `not-found` that names what there is */
export function lessonNamed(course: Course, name: string): Lesson {
  const lesson = course.lessons.find(({ id }) => id === name);
  if (lesson !== undefined) return lesson;
  const all = course.lessons.map(({ id }) => `${course.id}/${id}`).join(', ');
  throw new Problem('not-found', `There is no lesson '${course.id}/${name}'. There are: ${all}.`);
}
