/** Which pages are made of courses and lessons: what `getStaticPaths` answers. */
import type { Course, Lesson } from '../../../sandbox-server/contract/lesson.ts';
import { catalogue } from './catalogue.ts';

export interface CoursePath {
  readonly params: { readonly course: string };
  readonly props: { readonly course: Course };
}
export interface LessonPath {
  readonly params: { readonly course: string; readonly lesson: string };
  readonly props: { readonly course: Course; readonly lesson: Lesson };
}

export async function coursePaths(): Promise<CoursePath[]> {
  const { courses } = await catalogue();
  return courses.map((course) => ({ params: { course: course.id }, props: { course } }));
}

export async function lessonPaths(): Promise<LessonPath[]> {
  const { courses } = await catalogue();
  return courses.flatMap((course) =>
    course.lessons.map((lesson) => ({ params: { course: course.id, lesson: lesson.id }, props: { course, lesson } })),
  );
}
