/** Guides in `npm run dev`: read again when one is saved. One with a mistake stays as it last was whole. */
import { basename } from 'node:path';
import type { Course } from '../contract/lesson.ts';
import { guideFrames, readGuides } from './guides.ts';
import type { Renewed } from './live.ts';
import type { Mistake } from './mistakes.ts';
import { digest, renewals } from './renewals.ts';

export interface LiveGuides {
  /** as they are now */
  readonly course: Course;
  /** what does not hold now; files are named from the checkout */
  readonly mistakes: readonly Mistake[];
  reload(): Promise<Renewed>;
}
interface Read {
  readonly value: Course;
  readonly mistakes: readonly Mistake[];
}

/** Never throws for a mistake of an author: see `mistakes`. @param root the checkout */
export async function openLiveGuides(root: string): Promise<LiveGuides> {
  let now = withoutBad([], await readGuides(root));
  let frames = digest(await guideFrames(root));
  return {
    get course() {
      return now.value;
    },
    get mistakes() {
      return now.mistakes;
    },
    async reload() {
      const before = { lessons: now.value.lessons, frames };
      now = withoutBad(before.lessons, await readGuides(root));
      frames = digest(await guideFrames(root));
      // no script of a course is played with a guide's checks
      const lessons = renewals(before.lessons, now.value.lessons, () => true);
      return { lessons, frame: frames !== before.frames };
    },
  };
}

function withoutBad(last: Course['lessons'], { value, mistakes }: Read): Read {
  const bad = new Set(mistakes.map(({ file }) => basename(file, '.md')));
  const whole = value.lessons.filter(({ id }) => !bad.has(id));
  const kept = last.filter(({ id }) => bad.has(id));
  const lessons = [...whole, ...kept].sort((a, b) => a.id.localeCompare(b.id));
  return { value: { ...value, lessons }, mistakes };
}
