/**
 * The progress of one lab's learner while it is open: read once, changed only here, written through `labs`.
 * Each change is computed from what stands at that moment, so a check that ends and a click never undo each other.
 */
import type { Filling } from '../catalogue/face.ts';
import type { Language } from '../contract/names.ts';
import type { StepProgress } from '../contract/progress.ts';
import type { Labs } from '../labs/face.ts';
import type { Verdict } from './verdict.ts';
import { WORDS, type Words } from './words.ts';

export interface Book {
  known(lesson: string, step: string): StepProgress;
  /** @param next null: leave it as it is */
  change(
    lesson: string,
    step: string,
    next: (before: StepProgress) => StepProgress | null,
    options?: { reset?: boolean },
  ): Promise<StepProgress>;
  /** shown while a check runs; not kept */
  checking(lesson: string, step: string): Promise<void>;
  learn(facts: Verdict['facts']): Promise<void>;
  filling(): Filling;
  /** in which the learner reads what is said of their steps */
  language(): Promise<Language>;
  words(): Promise<Words>;
}

export async function openBook(
  labs: Pick<Labs, 'progressOf' | 'record' | 'learn' | 'languageOf'>,
  lab: string,
  user: string,
): Promise<Book> {
  const { steps, facts } = await labs.progressOf(lab);
  const known = new Map(steps.map((step) => [`${step.lesson}/${step.step}`, step]));
  const facing: Record<string, string> = { ...facts };
  const of = (lesson: string, step: string): StepProgress =>
    known.get(`${lesson}/${step}`) ?? {
      lesson,
      step,
      state: 'todo',
      message: '',
      at: 0,
      tries: 0,
      hints: [],
      acted: [],
    };
  return {
    known: of,
    async change(lesson, step, next, options) {
      const wanted = next(of(lesson, step));
      if (wanted === null) return of(lesson, step);
      known.set(`${lesson}/${step}`, wanted);
      const stands = await labs.record(lab, wanted, options);
      // another change may have come while the disk was busy: it holds this one already, but not its time
      if (known.get(`${lesson}/${step}`) === wanted) known.set(`${lesson}/${step}`, stands);
      return stands;
    },
    async checking(lesson, step) {
      await labs.record(lab, { ...of(lesson, step), state: 'checking' });
    },
    async learn(news) {
      if (Object.keys(news).length === 0) return;
      Object.assign(facing, news);
      await labs.learn(lab, news);
    },
    filling: () => ({ user, facts: facing }),
    // asked each time: the learner may have gone on in another page's language
    language: () => labs.languageOf(lab),
    words: async () => WORDS[await labs.languageOf(lab)],
  };
}
