/** What prove says to other programs: `prove --json` (design.md, *Outputs that other programs read*). */
import { z } from 'zod';

export const StepReport = z.object({
  id: z.string(),
  status: z.enum(['proven', 'failed', 'skipped']),
  seconds: z.number(),
  /** the check's last sentence, or why it failed */
  message: z.string().optional(),
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
  mutation: z.object({ noticed: z.number().int(), tried: z.number().int() }),
  steps: z.array(StepReport),
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
