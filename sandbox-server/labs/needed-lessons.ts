/** Which lessons must have left their work in the home before this one opens. */
import type { Course, Lesson } from '../contract/lesson.ts';

/** All of `after`, also theirs, in the course's order; the catalogue refuses cycles, and one would end here too. */
export function lessonsBefore(course: Course, lesson: Lesson): Lesson[] {
  const found = new Set<string>();
  const visit = (id: string): void => {
    if (found.has(id)) return;
    found.add(id);
    course.lessons.find((l) => l.id === id)?.needs.after.forEach(visit);
  };
  lesson.needs.after.forEach(visit);
  found.delete(lesson.id);
  return course.lessons.filter((l) => found.has(l.id));
}

/**
 * Those to replay now. Asked for: whatever this home lacks. Not asked for: only what the learner had done
 * with a former home that is gone, so that *End* costs them a wait, not the lesson.
 */
export function lessonsToReplay(
  before: readonly Lesson[],
  inHome: ReadonlySet<string>,
  overEver: (lesson: Lesson) => boolean,
  asked: boolean,
): string[] {
  return before.filter((l) => !inHome.has(l.id) && (asked || overEver(l))).map((l) => l.id);
}
