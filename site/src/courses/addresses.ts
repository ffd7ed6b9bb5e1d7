/** Where courses and lessons stand on the site. */
import type { Course, Lesson } from '../../../sandbox-server/contract/lesson.ts';

export function courseAddress(course: Pick<Course, 'id'>): string {
  return `/courses/${course.id}/`;
}
/** Of a guide that is proven, too: `guides` is their course. */
export function lessonAddress(lesson: Pick<Lesson, 'course' | 'id'>): string {
  return lesson.course === 'guides' ? `/guides/${lesson.id}/` : `/courses/${lesson.course}/${lesson.id}/`;
}
