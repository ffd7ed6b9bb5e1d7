/** What `palestra prove --record` keeps of a lesson that held, and pages say of it: `proofs/DRIVER/COURSE/LESSON.json`. */
import { z } from 'zod';
import { Slug } from './names.ts';

/** How many broken ways of doing its steps the lesson's checks noticed. */
export const Mutation = z.object({
  noticed: z.number().int().nonnegative(),
  tried: z.number().int().nonnegative(),
  /** what nobody noticed, a sentence each */
  missed: z.array(z.string()).optional(),
});
export type Mutation = z.infer<typeof Mutation>;

export const Proof = z.strictObject({
  /** `course/lesson` */
  lesson: z.string(),
  /** the lesson's content when it was proven */
  hash: z.string(),
  kit: z.string(),
  /** the kit's own files when it was proven */
  kitHash: z.string(),
  versions: z.record(z.string(), z.string()),
  driver: Slug,
  /** a day, UTC: YYYY-MM-DD */
  date: z.iso.date(),
  seconds: z.number().nonnegative(),
  steps: z.array(z.strictObject({ id: z.string(), seconds: z.number().nonnegative() })),
  /** absent: broken solutions were not tried */
  mutation: Mutation.optional(),
});
export type Proof = z.infer<typeof Proof>;
