/** What prove says to other programs: `prove --json` (design.md, *Outputs that other programs read*). */
import { z } from 'zod';
import { Place } from '../../contract/lesson.ts';
import { Mutation } from '../../contract/proof.ts';
import { NewOutput } from './outputs.ts';

export const StepReport = z.object({
  id: z.string(),
  status: z.enum(['proven', 'failed', 'skipped']),
  seconds: z.number(),
  /** the check's last sentence, or why it failed */
  message: z.string().optional(),
  /** the line of the lesson that does not hold */
  place: Place.optional(),
});
export type StepReport = z.infer<typeof StepReport>;

export const LessonReport = z.object({
  /** `course/lesson` */
  id: z.string(),
  status: z.enum(['proven', 'failed', 'skipped']),
  reason: z.string().optional(),
  seconds: z.number(),
  kit: z.string(),
  versions: z.record(z.string(), z.string()),
  mutation: Mutation,
  steps: z.array(StepReport),
  /** with --update: what should stand under its runs */
  outputs: z.array(NewOutput).optional(),
});
export type LessonReport = z.infer<typeof LessonReport>;

export const ProveReport = z.object({
  driver: z.string(),
  lessons: z.array(LessonReport),
  failed: z.number().int(),
});
export type ProveReport = z.infer<typeof ProveReport>;

/** Whole tenths: enough to compare proofs, and the same on every reading. */
export const secondsSince = (began: number): number => Math.round((performance.now() - began) / 100) / 10;

/** below this share of what was tried, a lesson is warned about */
const ENOUGH = 0.9;

/** The score, and what it lacks. */
export function describeMutation({ noticed, tried, missed = [] }: Mutation): string[] {
  const score = tried === 0 ? 'nothing could be broken' : `${noticed} of ${tried} broken ways were noticed`;
  const warning = tried > 0 && noticed / tried < ENOUGH ? [`warning: less than ${ENOUGH * 100} %`] : [];
  return [score, ...warning, ...missed.map((each) => `unnoticed: ${each}`)];
}
