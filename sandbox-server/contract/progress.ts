/** A learner's progress: what the page draws on a step, and what the store keeps. */
import { z } from 'zod';
import { Slug, StepId } from './names.ts';

/** `done` and `skipped` stay until *Reset step*; the others come and go. */
export const StepState = z.enum(['todo', 'checking', 'waiting', 'not-done', 'done', 'skipped']);
export type StepState = z.infer<typeof StepState>;

export const HintShown = z.object({ id: z.string(), title: z.string(), text: z.string() });
export const StepProgress = z.object({
  lesson: Slug,
  step: StepId,
  state: StepState,
  /** the check's own last sentence */
  message: z.string().max(2000).default(''),
  /** when the state was entered, ms since the epoch */
  at: z.number(),
  /** failed tries since the last reset */
  tries: z.number().int().default(0),
  hints: z.array(HintShown).default([]),
  /** while waiting: since when and for at most how many seconds, and how far */
  waiting: z
    .object({
      since: z.number(),
      atMost: z.number(),
      longer: z.boolean(),
      progress: z.object({ done: z.number(), all: z.number(), unit: z.string() }).optional(),
    })
    .optional(),
  /** run, edit and question ids already performed in this step */
  acted: z.array(z.string()).default([]),
});
export type StepProgress = z.infer<typeof StepProgress>;

export const Progress = z.object({
  course: Slug,
  steps: z.array(StepProgress),
  /** facts that checks stated: `{{fact:NAME}}` */
  facts: z.record(z.string(), z.string()),
});
export type Progress = z.infer<typeof Progress>;
