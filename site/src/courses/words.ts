/** What pages of lessons say around the author's text, in the languages that lessons are written in. */
import type { Lesson } from '../../../sandbox-server/contract/lesson.ts';
import type { Language } from '../../../sandbox-server/contract/names.ts';
import { counted } from './outline.ts';


interface Words {
  /** of a lesson's folder */
  readonly file: string;
  readonly courses: string;
  readonly steps: (n: number) => string;
  readonly questions: string;
  readonly objectives: string;
  readonly keypoints: string;
  readonly next: string;
  /** the button that opens the lab */
  readonly start: string;
}
export const WORDS: Readonly<Record<Language, Words>> = {
  en: {
    file: 'lesson.md',
    courses: 'Courses',
    steps: (n) => counted(n, 'step'),
    questions: 'Questions',
    objectives: 'You will be able to',
    keypoints: 'Key points',
    next: 'Next lesson',
    start: 'Start',
  },
  it: {
    file: 'lesson.it.md',
    courses: 'Corsi',
    steps: (n) => `${String(n)} ${n === 1 ? 'passo' : 'passi'}`,
    questions: 'Domande',
    objectives: 'Che cosa saprai fare',
    keypoints: 'Da ricordare',
    next: 'Prossima lezione',
    start: 'Inizia',
  },
};

/** In the collection of lessons: `dask/2-graph`, `it/dask/2-graph`. */
export function entryOf({ course, id }: Pick<Lesson, 'course' | 'id'>, language: Language): string {
  return language === 'en' ? `${course}/${id}` : `${language}/${course}/${id}`;
}
/** `COURSE/LESSON/lesson.md` or `COURSE/LESSON/lesson.it.md` to its entry. */
export function entryAt(path: string): string {
  const [, lesson = '', language] = /^(.+)\/lesson(?:\.([a-z]{2}))?\.md$/.exec(path) ?? [];
  return language === undefined ? lesson : `${language}/${lesson}`;
}
