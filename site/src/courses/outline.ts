/** What pages say about a course in few words: its length, its lessons in a sidebar, what comes next. */
import type { Course, Lesson } from '../../../sandbox-server/contract/lesson.ts';
import { courseAddress, lessonAddress } from './addresses.ts';

/** `10 min`, `1 h`, `1 h 20 min`; from three hours on to the half hour: nobody plans a day by the minute. */
export function lasting(minutes: number): string {
  if (minutes < 60) return `${String(minutes)} min`;
  if (minutes >= 180) return `${String(Math.round(minutes / 30) / 2)} h`;
  const rest = minutes % 60;
  return rest === 0 ? `${String(minutes / 60)} h` : `${String(Math.floor(minutes / 60))} h ${String(rest)} min`;
}

export function lengthOf(course: Pick<Course, 'lessons'>): string {
  return `${counted(course.lessons.length, 'lesson')} · ${lasting(minutesOf(course))}`;
}

/** Where to begin: the shortest course first, then by title. */
export function byLength(courses: readonly Course[]): Course[] {
  return courses.toSorted((a, b) => minutesOf(a) - minutesOf(b) || a.title.localeCompare(b.title));
}

function minutesOf(course: Pick<Course, 'lessons'>): number {
  return course.lessons.reduce((sum, lesson) => sum + lesson.minutes, 0);
}

export function counted(n: number, noun: string): string {
  return `${String(n)} ${noun}${n === 1 ? '' : 's'}`;
}

/** The course's own sidebar: a lesson page carries its course and no other (every link is on every page). */
export function sidebarOf(course: Course): SidebarGroup[] {
  const lessons = course.lessons.map((lesson) => ({ label: lesson.title, link: lessonAddress(lesson) }));
  return [{ label: course.title, items: [{ label: 'About this course', link: courseAddress(course) }, ...lessons] }];
}
/**
 * The same in another language: only what is written in it, since the frame looks for every link of a sidebar there.
 * @param titles `course/lesson` → its title there
 */
export function translatedSidebarOf(course: Course, titles: ReadonlyMap<string, string>): SidebarGroup[] {
  const items = course.lessons.flatMap((lesson) => {
    const label = titles.get(`${course.id}/${lesson.id}`);
    return label === undefined ? [] : [{ label, link: lessonAddress(lesson) }];
  });
  return [{ label: course.title, items }];
}
export interface SidebarGroup {
  label: string;
  items: { label: string; link: string }[];
}

export function nextLesson(course: Pick<Course, 'lessons'>, lesson: Pick<Lesson, 'id'>): Lesson | undefined {
  const at = course.lessons.findIndex((other) => other.id === lesson.id);
  return at === -1 ? undefined : course.lessons[at + 1];
}
