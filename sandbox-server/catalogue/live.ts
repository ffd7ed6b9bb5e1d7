/**
 * The catalogue of `npm run dev`: read again when a course is saved. A lesson with a mistake stays as it last was whole,
 * so that an author's lab goes on while they mend it.
 */
import type { Course, Lesson } from '../contract/lesson.ts';
import type { Catalogue } from './face.ts';
import { catalogueOf, readCourses, type LoadOptions } from './load.ts';
import type { Mistake } from './mistakes.ts';
import { digest, keyOf, renewals, type Renewal } from './renewals.ts';

export interface Renewed {
  readonly lessons: readonly Renewal[];
  /** more than the text of lessons: titles, aims, what lessons there are */
  readonly frame: boolean;
}
export interface LiveCatalogue extends Catalogue {
  /** what does not hold now; the lessons concerned are as they last were whole */
  readonly mistakes: readonly Mistake[];
  /** @param ids folders of courses in which something changed */
  reload(ids: ReadonlySet<string>): Promise<Renewed>;
}
interface Read {
  readonly courses: readonly Course[];
  readonly mistakes: readonly Mistake[];
}

/** Never throws for a mistake of an author: see `mistakes`. @param root the folder of courses */
export async function openLiveCatalogue(root: string, options: LoadOptions = {}): Promise<LiveCatalogue> {
  let now = whole({ courses: [], mistakes: [] }, await readCourses(root, options));
  const catalogue = catalogueOf(() => now.courses);
  let scripts = await scriptsOf(catalogue);
  return {
    ...catalogue,
    // a spread would read it once
    get courses() {
      return now.courses;
    },
    get mistakes() {
      return now.mistakes;
    },
    async reload(ids) {
      const before = now;
      const read = await readCourses(root, options, (course) => ids.has(course));
      now = merged(before, read, ids);
      const scriptsBefore = scripts;
      scripts = await scriptsOf(catalogue);
      return renewedBetween({ ...before, scripts: scriptsBefore }, { ...now, scripts });
    },
  };
}

/** What was not read anew stays. */
function merged(before: Read, read: Read, ids: ReadonlySet<string>): Read {
  const others = before.courses.filter(({ id }) => !ids.has(id));
  const mistakes = before.mistakes.filter((mistake) => !ids.has(courseOf(mistake)));
  const { courses, mistakes: news } = whole(before, read);
  return {
    courses: [...others, ...courses].sort((a, b) => a.id.localeCompare(b.id)),
    mistakes: [...mistakes, ...news],
  };
}

/** Each course as far as it holds: a lesson with a mistake as it was before, and a course with one of its own too. */
function whole(before: Read, { courses, mistakes }: Read): Read {
  const bad = new Set(mistakes.map(({ file }) => file.split('/').slice(0, 2).join('/')));
  const known = (id: string): Course | undefined => before.courses.find((course) => course.id === id);
  const unread = before.courses.filter(
    ({ id }) => mistakes.some((m) => courseOf(m) === id) && !courses.some((c) => c.id === id),
  );
  const held = courses.flatMap((course) => {
    const lessons = new Set(course.lessons.map(({ id }) => `${course.id}/${id}`));
    const ofCourse = [...bad].some((file) => file.split('/')[0] === course.id && !lessons.has(file));
    const last = known(course.id);
    return ofCourse && last !== undefined ? [last] : [withoutBad(course, last, bad)];
  });
  return { courses: [...held, ...unread], mistakes };
}

function withoutBad(course: Course, last: Course | undefined, bad: ReadonlySet<string>): Course {
  const lessons = course.lessons.flatMap((lesson) => {
    if (!bad.has(`${course.id}/${lesson.id}`)) return [lesson];
    return last?.lessons.filter(({ id }) => id === lesson.id) ?? [];
  });
  return { ...course, lessons };
}

const courseOf = ({ file }: Mistake): string => file.split('/')[0] ?? '';

/** course/lesson → a digest of what its checks are played with */
type Scripts = ReadonlyMap<string, string>;
interface Known extends Read {
  readonly scripts: Scripts;
}

async function scriptsOf(catalogue: Catalogue): Promise<Scripts> {
  const lessons = catalogue.courses.flatMap((course) => course.lessons);
  const each = lessons.map(
    async (lesson) => [keyOf(lesson), digest(await catalogue.fixturesFor(lesson))] as const,
  );
  return new Map(await Promise.all(each));
}

function renewedBetween(before: Known, after: Known): Renewed {
  const lessons = renewals(lessonsOf(before), lessonsOf(after), (lesson) => {
    const key = keyOf(lesson);
    return before.scripts.get(key) === after.scripts.get(key);
  });
  return { lessons, frame: digest(before.courses.map(frameOf)) !== digest(after.courses.map(frameOf)) };
}
const lessonsOf = ({ courses }: Read): Lesson[] => courses.flatMap(({ lessons }) => lessons);

/** What pages say beside a lesson's own text. */
function frameOf({ lessons, ...course }: Course) {
  const heads = lessons.map(({ id, title, minutes, questions, objectives, keypoints, needs }) => {
    const { kit, services, after } = needs;
    return { id, title, minutes, questions, objectives, keypoints, kit, services, after };
  });
  return { ...course, heads };
}
