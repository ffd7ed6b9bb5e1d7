/** Small courses as values, and a catalogue over them: for tests of labs and checks. */
import type { Catalogue, LessonFile } from '../../catalogue/face.ts';
import type { CheckFence, Course, Hint, Lesson, Question, RunFence, Step } from '../../contract/lesson.ts';

const place = { file: 'courses/tiny/lesson.md', line: 1 };

export function runFence(id: string, code: string, more: Partial<RunFence> = {}): RunFence {
  return { id, kind: 'run', lang: 'bash', code, place, fails: false, ...more };
}
export function checkFence(code: string, more: Partial<CheckFence> = {}): CheckFence {
  return { id: 'check-1', kind: 'check', lang: 'bash', code, place, timeout: 10, every: 3, ...more };
}
export function fence<K extends string>(
  kind: K,
  code: string,
): { id: string; kind: K; lang: string; code: string; place: typeof place } {
  return { id: `${kind}-1`, kind, lang: 'bash', code, place };
}
export function hint(id: string, more: Partial<Hint> = {}): Hint {
  return { id, title: `Hint ${id}`, text: `About ${id}.`, place, ...more };
}
export function question(id: string, more: Partial<Question> = {}): Question {
  return { id, title: 'Which?', kind: 'choice', choices: [], place, ...more };
}
export function step(id: string, more: Partial<Step> = {}): Step {
  return {
    id,
    title: id,
    setup: [],
    actions: [],
    checks: [],
    solutions: [],
    wrongs: [],
    undos: [],
    hints: [],
    questions: [],
    place,
    ...more,
  };
}
export function lesson(id: string, steps: Step[], more: Partial<Lesson> = {}): Lesson {
  return {
    course: 'tiny',
    id,
    title: id,
    minutes: 5,
    questions: [],
    objectives: [],
    keypoints: [],
    leaves: [],
    needs: { kit: 'base', services: [], tokens: [], after: [], resources: {} },
    setup: [],
    ready: [],
    cleanup: [],
    steps,
    messages: {},
    folder: '/nowhere',
    hash: 'x',
    ...more,
  };
}
export function course(lessons: Lesson[], more: Partial<Course> = {}): Course {
  const id = more.id ?? 'tiny';
  return {
    title: `Course ${id}`,
    summary: '',
    audience: '',
    authors: [],
    licence: 'CC-BY-4.0',
    kit: 'base',
    services: [],
    groups: [],
    folder: '/nowhere',
    ...more,
    id,
    lessons: lessons.map((l) => ({ ...l, course: id })),
  };
}

export interface Given {
  /** files of lessons, by lesson id */
  readonly files?: Readonly<Record<string, Readonly<Record<string, string>>>>;
  readonly fixtures?: Readonly<Record<string, string>>;
}

export function catalogueOf(courses: readonly Course[], given: Given = {}): Catalogue {
  const find = (id: string) => courses.find((c) => c.id === id);
  const findLesson = (c: string, l: string) => find(c)?.lessons.find((x) => x.id === l);
  return {
    courses,
    course: find,
    lesson: findLesson,
    step: (c, l, s) => findLesson(c, l)?.steps.find((x) => x.id === s),
    publicLesson: () => undefined,
    filesFor: (l) => Promise.resolve(asFiles(given.files?.[l.id] ?? {})),
    fixturesFor: () => Promise.resolve(asFiles(given.fixtures ?? {})),
  };
}

function asFiles(files: Readonly<Record<string, string>>): LessonFile[] {
  return Object.entries(files).map(([path, text]) => ({
    path,
    content: Buffer.from(text).toString('base64'),
    executable: false,
  }));
}
