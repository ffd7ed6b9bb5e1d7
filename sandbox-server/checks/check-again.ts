/** A step whose check its author changed (`npm run dev`): what was judged by the old one is judged by the new one. */
import type { Lesson, Step } from '../contract/lesson.ts';
import type { StepProgress } from '../contract/progress.ts';
import type { Book } from './book.ts';
import type { Cause } from './step-rules.ts';

export interface Judging {
  readonly book: Book;
  /** is it the step at hand: the first that is neither over nor waiting? */
  readonly atHand: boolean;
  readonly judge: (lesson: Lesson, step: Step, cause: Cause) => Promise<StepProgress>;
}

/** In turn. A step that nobody came to, or that was skipped, was judged by no check. */
export async function checkAgain(
  { book, atHand, judge }: Judging,
  lesson: Lesson,
  step: Step,
): Promise<void> {
  const { state } = book.known(lesson.id, step.id);
  if (state === 'skipped' || (state === 'todo' && !atHand)) return;
  if (state === 'done') {
    const message = (await book.words()).changed;
    await book.change(lesson.id, step.id, (before) => ({ ...before, state: 'not-done', message }), {
      reset: true,
    });
  }
  await book.checking(lesson.id, step.id);
  await judge(lesson, step, 'asked');
}
