/** What other rooms ask of the catalogue. Parsed once at start (and again on change in `npm run dev`). */
import type { Course, Lesson, PublicLesson, Step } from '../contract/lesson.ts';

/** One file of a lesson as the agent wants it: base64 content, POSIX path. */
export interface LessonFile {
  readonly path: string;
  readonly content: string;
  readonly executable: boolean;
}
/** Values that replace `{{user}}`, `{{seat}}` and `{{fact:NAME}}`. */
export interface Filling {
  readonly user: string;
  readonly seat?: string;
  readonly facts: Readonly<Record<string, string>>;
}

export interface Catalogue {
  readonly courses: readonly Course[];
  course(id: string): Course | undefined;
  lesson(course: string, lesson: string): Lesson | undefined;
  step(course: string, lesson: string, step: string): Step | undefined;
  publicLesson(course: string, lesson: string): PublicLesson | undefined;
  /** the lesson's `files/`, read from disk */
  filesFor(lesson: Lesson): Promise<readonly LessonFile[]>;
  /** course fixtures and the lesson's `checks/`: what $PALESTRA_FIXTURES holds */
  fixturesFor(lesson: Lesson): Promise<readonly LessonFile[]>;
}
/** Replaces blanks in a fence or a hint; an unknown fact stays as it stands and is named in `missing`. */
export type Fill = (text: string, filling: Filling) => { text: string; missing: readonly string[] };
