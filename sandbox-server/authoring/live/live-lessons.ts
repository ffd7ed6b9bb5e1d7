/**
 * `npm run dev`: what a save does. The courses are read again, open labs take the lesson, pages are told; where more than
 * the text of lessons changed the site is built anew. Nothing here ends the server or a sandbox.
 */
import { join } from 'node:path';
import type { LiveCatalogue, Renewal } from '../../catalogue/live.ts';
import { describe } from '../../catalogue/mistakes.ts';
import type { AuthoringNews, FreshLesson } from '../../contract/authoring.ts';
import { Problem } from '../../contract/errors.ts';
import { createBuilds } from './builds.ts';
import type { PageMaker } from './page-maker.ts';

export interface LiveNeeds {
  readonly catalogue: LiveCatalogue;
  readonly maker: Pick<PageMaker, 'make'>;
  /** open labs take this lesson, and run these steps' checks again */
  renew(course: string, lesson: string, steps: readonly string[]): Promise<void>;
  /** the site's pages, from everything as it is now. Rejects with a Problem where that fails */
  build(): Promise<unknown>;
  /** a line for the author's terminal */
  readonly say: (line: string) => void;
}
export interface LiveLessons {
  /** Problem `not-found`. @returns the newest text that is whole */
  fresh(course: string, lesson: string): Promise<FreshLesson>;
  /** told until disposed; begins with the mistakes that there are */
  watch(listener: (news: AuthoringNews) => void): Disposable;
  /** one after the other. @param ids courses' folders. @param savedAt ms since the epoch */
  saved(ids: ReadonlySet<string>, savedAt: number): Promise<void>;
  /** a guide, a style or a script of the site was saved */
  siteSaved(): void;
}
interface Kept {
  readonly savedAt: number;
  readonly html: Promise<string | null>;
}

export function createLiveLessons(needs: LiveNeeds): LiveLessons {
  const { catalogue, maker, say } = needs;
  const listeners = new Set<(news: AuthoringNews) => void>();
  /** lessons that were saved since their page was built */
  const kept = new Map<string, Kept>();
  let buildDue = false;
  const tell = (news: AuthoringNews): void => {
    for (const listener of listeners) listener(news);
  };
  const mistakes = (): AuthoringNews => ({ type: 'mistakes', mistakes: [...catalogue.mistakes] });

  const renewed = ({ course, lesson, steps }: Renewal, savedAt: number): void => {
    const folder = catalogue.lesson(course, lesson)?.folder ?? '';
    const html = maker.make(join(folder, 'lesson.md'));
    // whoever asks for the page is told; here nobody waits for it
    html.catch(() => undefined);
    kept.set(`${course}/${lesson}`, { savedAt, html });
    tell({ type: 'lesson', course, lesson, savedAt });
    say(`saved ${course}/${lesson}${steps.length === 0 ? '' : `; checks that changed: ${steps.join(', ')}`}`);
    void needs.renew(course, lesson, steps);
  };
  const toldMistakes = (before: string): void => {
    if (JSON.stringify(catalogue.mistakes) === before) return;
    tell(mistakes());
    if (catalogue.mistakes.length === 0) say('all lessons hold again');
    for (const mistake of catalogue.mistakes) say(`courses/${describe(mistake)}`);
  };
  const builds = createBuilds(async () => {
    const began = Date.now();
    tell({ type: 'building' });
    const problem = await problemOf(needs.build());
    // what was saved meanwhile is newer than the pages
    if (problem === null) for (const [key, { savedAt }] of kept) if (savedAt <= began) kept.delete(key);
    if (problem !== null) say(problem);
    tell({ type: 'built', problem });
  });

  // languages are loaded as they are met: the first save need not wait for that
  const [first] = catalogue.courses.flatMap((course) => course.lessons);
  if (first !== undefined) maker.make(join(first.folder, 'lesson.md')).catch(() => undefined);

  return {
    async fresh(course, lesson) {
      if (catalogue.lesson(course, lesson) === undefined)
        throw new Problem('not-found', 'There is no such lesson.');
      const { html, savedAt } = kept.get(`${course}/${lesson}`) ?? { html: null, savedAt: 0 };
      return { html: await html, savedAt };
    },
    watch(listener) {
      listeners.add(listener);
      listener(mistakes());
      return { [Symbol.dispose]: () => void listeners.delete(listener) };
    },
    async saved(ids, savedAt) {
      const before = JSON.stringify(catalogue.mistakes);
      const { lessons, frame } = await catalogue.reload(ids);
      toldMistakes(before);
      for (const each of lessons) renewed(each, savedAt);
      buildDue ||= frame;
      // a build would stop at a mistake, and say it a second time
      if (!buildDue || catalogue.mistakes.length > 0) return;
      buildDue = false;
      builds.ask();
    },
    siteSaved: () => builds.ask(),
  };
}

/** @returns null where it went well */
async function problemOf(work: Promise<unknown>): Promise<string | null> {
  try {
    await work;
    return null;
  } catch (error) {
    if (error instanceof Problem) return error.message;
    throw error;
  }
}
