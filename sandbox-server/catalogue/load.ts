/** The catalogue: every course of a folder, read once. */
import { readdir } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import type { Course, Lesson } from '../contract/lesson.ts';
import type { Catalogue, LessonFile } from './face.ts';
import { readFolder } from './lesson-files.ts';
import { CourseError, READ } from './mistakes.ts';
import type { Mistake } from './mistakes.ts';
import { publicLesson } from './public-lesson.ts';
import { readCourse } from './read-course.ts';
import type { KnownService } from './service-rules.ts';

export interface LoadOptions {
  /** services that lessons may name; absent: whoever loads the courses knows of none, and does not look (the site) */
  readonly services?: readonly KnownService[];
}

/**
 * @param root the folder of courses; each folder in it with a `course.yaml` is one
 * @throws CourseError with every mistake of every course
 */
export async function loadCatalogue(root: string, options: LoadOptions = {}): Promise<Catalogue> {
  const { courses, mistakes } = await readCourses(root, options);
  if (mistakes.length > 0) throw new CourseError(mistakes);
  return catalogueOf(() => courses);
}

/**
 * The same without throwing: what is whole, and what is not (an author's loop goes on with the rest).
 * @param wanted which folders of the root are looked at; all of them without
 */
export async function readCourses(
  root: string,
  { services }: LoadOptions = {},
  wanted: (name: string) => boolean = () => true,
): Promise<{ courses: Course[]; mistakes: Mistake[] }> {
  const { folders, mistakes } = await courseFolders(resolve(root), wanted);
  const read = await Promise.all(folders.map((folder) => readCourse(folder, services)));
  return {
    courses: read.map((course) => course.value).filter((course) => course !== null),
    mistakes: [...mistakes, ...read.flatMap((course) => course.mistakes)],
  };
}

async function courseFolders(
  root: string,
  wanted: (name: string) => boolean,
): Promise<{ folders: string[]; mistakes: Mistake[] }> {
  const entries = await readdir(root, { withFileTypes: true });
  const names = entries
    .filter((entry) => entry.isDirectory() && !entry.name.startsWith('.') && wanted(entry.name))
    .map((entry) => entry.name)
    .sort();
  const inside = await Promise.all(names.map((name) => readdir(join(root, name))));
  const isCourse = (_: string, index: number) => inside[index]?.includes('course.yaml') === true;
  const strays = names.filter((name, index) => !isCourse(name, index) && (inside[index]?.length ?? 0) > 0);
  return {
    folders: names.filter(isCourse).map((name) => join(root, name)),
    mistakes: strays.map(strayMistake),
  };
}

const strayMistake = (name: string): Mistake => ({
  file: name,
  line: 1,
  message: 'This folder is no course.',
  expected: 'a course.yaml in it',
  received: 'none',
  read: READ.folders,
});

/** @param courses asked each time: an author's loop changes them */
export function catalogueOf(courses: () => readonly Course[]): Catalogue {
  const course = (id: string) => courses().find((each) => each.id === id);
  const lesson = (courseId: string, id: string) => course(courseId)?.lessons.find((each) => each.id === id);
  return {
    get courses() {
      return courses();
    },
    course,
    lesson,
    step: (courseId, lessonId, id) => lesson(courseId, lessonId)?.steps.find((each) => each.id === id),
    publicLesson: (courseId, id) => {
      const found = course(courseId);
      return found && publicLesson(found, id);
    },
    filesFor: (found) => readFolder(join(found.folder, 'files')),
    fixturesFor,
  };
}

/** A lesson's own script wins over a fixture of the same name. */
async function fixturesFor(lesson: Lesson): Promise<LessonFile[]> {
  const course = await readFolder(join(dirname(lesson.folder), 'fixtures'));
  const own = await readFolder(join(lesson.folder, 'checks'));
  const taken = new Set(own.map((file) => file.path));
  return [...course.filter((file) => !taken.has(file.path)), ...own];
}
