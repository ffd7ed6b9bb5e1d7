/** Rules between the lessons of a course. Pure. */
import type { LessonText } from './lesson.ts';
import { READ } from './mistakes.ts';
import type { Mistake } from './mistakes.ts';

/** @param file of a lesson's id, as mistakes name it */
export function afterMistakes(lessons: readonly LessonText[], file: (lesson: string) => string): Mistake[] {
  const known = new Set(lessons.map((lesson) => lesson.id));
  const say = (lesson: string, message: string, expected: string, received: string): Mistake => ({
    file: file(lesson),
    line: 1,
    message,
    expected,
    received,
    read: READ.front,
  });
  const unknown = lessons.flatMap(({ id, needs }) =>
    needs.after
      .filter((after) => !known.has(after))
      .map((after) => say(id, 'needs.after names no lesson of this course.', [...known].join(', '), after)),
  );
  const circles = lessons
    .filter(({ id }) => reachable(id, lessons).has(id))
    .map(({ id, needs }) =>
      say(id, 'This lesson comes after itself.', 'needs.after without a circle', needs.after.join(', ')),
    );
  return [...unknown, ...circles];
}

/** Every lesson that must have happened before this one. */
function reachable(start: string, lessons: readonly LessonText[]): ReadonlySet<string> {
  const afterOf = new Map(lessons.map((lesson) => [lesson.id, lesson.needs.after]));
  const seen = new Set<string>();
  const todo = [...(afterOf.get(start) ?? [])];
  for (let next = todo.pop(); next !== undefined; next = todo.pop()) {
    if (seen.has(next)) continue;
    seen.add(next);
    todo.push(...(afterOf.get(next) ?? []));
  }
  return seen;
}

/** The lessons that come before this one, in the course's order: what *Prepare this for me* replays. */
export function lessonsBefore<L extends LessonText>(lesson: string, lessons: readonly L[]): L[] {
  const before = reachable(lesson, lessons);
  return lessons.filter(({ id }) => before.has(id) && id !== lesson);
}

/** The list in course.yaml and the folders beside it say the same. */
export function folderMistakes(
  file: string,
  listed: readonly string[],
  folders: readonly string[],
): Mistake[] {
  const say = (message: string, expected: string, received: string): Mistake => ({
    file,
    line: 1,
    message,
    expected,
    received,
    read: READ.folders,
  });
  const missing = listed
    .filter((id) => !folders.includes(id))
    .map((id) => say('This lesson has no folder.', `${id}/lesson.md`, 'no such file'));
  const unlisted = folders
    .filter((id) => !listed.includes(id))
    .map((id) => say('This folder is not in the course.', `${id} under lessons:`, listed.join(', ')));
  const twice = listed
    .filter((id, index) => listed.indexOf(id) !== index)
    .map((id) => say('This lesson is listed twice.', 'each lesson once', id));
  return [...missing, ...unlisted, ...twice];
}
