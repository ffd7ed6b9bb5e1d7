/**
 * `npm run dev`: what a save does. The courses or the guides are read again, open labs take the lesson, pages are told;
 * where more than the text of lessons changed the site is built anew. Nothing here ends the server or a sandbox.
 */
import { join } from 'node:path';
import { GUIDES } from '../../catalogue/guides.ts';
import type { LiveCatalogue, Renewed } from '../../catalogue/live.ts';
import type { LiveGuides } from '../../catalogue/live-guides.ts';
import { describe, type Mistake } from '../../catalogue/mistakes.ts';
import type { Renewal } from '../../catalogue/renewals.ts';
import { withGuides } from '../../catalogue/with-guides.ts';
import type { AuthoringNews, FreshLesson } from '../../contract/authoring.ts';
import { Problem } from '../../contract/errors.ts';
import type { Lesson } from '../../contract/lesson.ts';
import { createBuilds } from './builds.ts';
import type { PageMaker } from './page-maker.ts';

export interface LiveNeeds {
  readonly catalogue: LiveCatalogue;
  readonly guides: LiveGuides;
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
  /** a guide was saved; one after the other, as courses are. @param savedAt ms since the epoch */
  guidesSaved(savedAt: number): Promise<void>;
  /** a translation of a guide, a style or a script of the site was saved */
  siteSaved(): void;
}
interface Kept {
  readonly savedAt: number;
  readonly html: Promise<string | null>;
}

export function createLiveLessons(needs: LiveNeeds): LiveLessons {
  const { catalogue, guides, maker, say } = needs;
  const listeners = new Set<(news: AuthoringNews) => void>();
  /** lessons that were saved since their page was built */
  const kept = new Map<string, Kept>();
  let buildDue = false;
  const tell = (news: AuthoringNews): void => {
    for (const listener of listeners) listener(news);
  };
  const mistakes = (): Mistake[] => [...catalogue.mistakes.map(fromCheckout), ...guides.mistakes];
  const all = withGuides(catalogue, () => guides.course);

  const renewed = ({ course, lesson, steps }: Renewal, savedAt: number): void => {
    const now = all.lesson(course, lesson);
    if (now === undefined) return;
    const html = maker.make(textOf(now));
    // whoever asks for the page is told; here nobody waits for it
    html.catch(() => undefined);
    kept.set(`${course}/${lesson}`, { savedAt, html });
    tell({ type: 'lesson', course, lesson, savedAt });
    say(`saved ${course}/${lesson}${steps.length === 0 ? '' : `; checks that changed: ${steps.join(', ')}`}`);
    void needs.renew(course, lesson, steps);
  };
  const toldMistakes = (before: string): void => {
    const now = mistakes();
    if (JSON.stringify(now) === before) return;
    tell({ type: 'mistakes', mistakes: now });
    if (now.length === 0) say('all lessons hold again');
    for (const mistake of now) say(describe(mistake));
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

  const readAgain = async (reload: () => Promise<Renewed>, savedAt: number): Promise<void> => {
    const before = JSON.stringify(mistakes());
    const { lessons, frame } = await reload();
    toldMistakes(before);
    for (const each of lessons) renewed(each, savedAt);
    buildDue ||= frame;
    // a build would stop at a mistake, and say it a second time
    if (!buildDue || mistakes().length > 0) return;
    buildDue = false;
    builds.ask();
  };

  // languages are loaded as they are met: the first save need not wait for that
  const [first] = catalogue.courses.flatMap((course) => course.lessons);
  if (first !== undefined) maker.make(textOf(first)).catch(() => undefined);

  return {
    async fresh(course, lesson) {
      if (all.lesson(course, lesson) === undefined)
        throw new Problem('not-found', 'There is no such lesson.');
      const { html, savedAt } = kept.get(`${course}/${lesson}`) ?? { html: null, savedAt: 0 };
      return { html: await html, savedAt };
    },
    watch(listener) {
      listeners.add(listener);
      listener({ type: 'mistakes', mistakes: mistakes() });
      return { [Symbol.dispose]: () => void listeners.delete(listener) };
    },
    saved: (ids, savedAt) => readAgain(() => catalogue.reload(ids), savedAt),
    guidesSaved: (savedAt) => readAgain(() => guides.reload(), savedAt),
    siteSaved: () => builds.ask(),
  };
}

/** The Markdown of a lesson or a guide, in English. */
const textOf = ({ course, id, folder }: Lesson): string =>
  join(folder, course === GUIDES ? `${id}.md` : 'lesson.md');

/** Guides' mistakes are named so already. */
const fromCheckout = (mistake: Mistake): Mistake => ({ ...mistake, file: `courses/${mistake.file}` });

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
