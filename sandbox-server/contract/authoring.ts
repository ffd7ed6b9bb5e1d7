/**
 * What a page asks and hears while `npm run dev` runs. No other server has these routes:
 *
 * GET    /api/authoring/events                         SSE of AuthoringNews; begins with the mistakes that there are
 * GET    /api/authoring/:course/:lesson                FreshLesson
 * GET    /api/authoring/:course/:lesson/steps          AuthorStep[]; authors only
 * POST   /api/labs/:lab/authoring/:lesson (GoTo)       204 once the lab stands there; authors only
 */
import { z } from 'zod';
import { Place } from './lesson.ts';
import { Slug, StepId } from './names.ts';

/** What does not fit in a course or a guide, with its place: the page's words are the terminal's. */
const CourseMistake = z.object({
  /** from the checkout on */
  file: z.string(),
  line: z.number(),
  message: z.string(),
  expected: z.string(),
  received: z.string(),
  read: z.string(),
});

export const AuthoringNews = z.discriminatedUnion('type', [
  /** a lesson was saved, and is whole. `savedAt`: ms since the epoch */
  z.object({ type: z.literal('lesson'), course: Slug, lesson: Slug, savedAt: z.number() }),
  /** every mistake that there is now; none: all lessons hold */
  z.object({ type: z.literal('mistakes'), mistakes: z.array(CourseMistake) }),
  /** more than the text of lessons changed: the site is built anew, which takes some 20 s */
  z.object({ type: z.literal('building') }),
  /** load the page again. `problem`: why the build failed, and the pages are as they were */
  z.object({ type: z.literal('built'), problem: z.string().nullable() }),
]);
export type AuthoringNews = z.infer<typeof AuthoringNews>;

export const FreshLesson = z.object({
  /** what stands below the lesson's aims; null: as the page was built */
  html: z.string().nullable(),
  /** ms since the epoch; 0: not since this server began */
  savedAt: z.number(),
});
export type FreshLesson = z.infer<typeof FreshLesson>;

export const AuthorStep = z.object({
  id: StepId,
  title: z.string(),
  /** here and below, files are named from the checkout on */
  place: Place,
  checks: z.array(z.object({ lang: z.string(), code: z.string(), place: Place, as: z.string().optional() })),
});
export type AuthorStep = z.infer<typeof AuthorStep>;

/** The step that is to be the one at hand: those before it done, it and those after it to do. null: all are done. */
export const GoTo = z.object({ step: StepId.nullable() });
