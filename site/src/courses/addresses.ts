/** Where courses and lessons stand on the site. */
import type { Course, Lesson } from '../../../sandbox-server/contract/lesson.ts';

export function courseAddress(course: Pick<Course, 'id'>): string {
  return `/courses/${course.id}/`;
}
export function lessonAddress(lesson: Pick<Lesson, 'course' | 'id'>): string {
  return `/courses/${lesson.course}/${lesson.id}/`;
}
