/** A lab: a learner's work on a course. One home, at most one sandbox at a time, the lessons its pages. */
import { z } from 'zod';
import { Id, Language, Login, Slug } from './names.ts';
import { ProblemBody } from './errors.ts';

/** Forward only within one start; `paused` may start again, `ended` never. */
export const LabState = z.enum([
  'queued',
  'preparing',
  'claiming',
  'filling',
  'ready',
  'pausing',
  'paused',
  'ending',
  'ended',
  'failed',
]);
export type LabState = z.infer<typeof LabState>;

/** One named, timed part of a start: what is awaited, how far it is. */
export const Stage = z.object({
  /** e.g. `queued`, `kit`, `claiming`, `home`, `files`, `setup`, `ready` */
  name: z.string(),
  /** a sentence: "Preparing the Dask kit (first time only)" */
  text: z.string(),
  at: z.number(),
  /** seconds it took, once over */
  seconds: z.number().optional(),
  progress: z.object({ done: z.number(), all: z.number(), unit: z.string() }).optional(),
});
export type Stage = z.infer<typeof Stage>;

export const Lab = z.object({
  id: Id,
  course: Slug,
  lesson: Slug,
  state: LabState,
  stages: z.array(Stage),
  user: Login,
  /** the sandbox's id: the label before the portal's host in preview addresses */
  sandbox: Id.nullable(),
  createdAt: z.number(),
  readyAt: z.number().nullable(),
  /** until when home and progress are kept, ms */
  keptUntil: z.number(),
  /** when its files were last saved outside its sandbox, ms; null or absent: they stay where they are, or never yet */
  savedAt: z.number().nullable().optional(),
  problem: ProblemBody.nullable(),
  /** when the token in the sandbox expires and whether it renews itself; null: the lesson asks for none */
  token: z.object({ expiresAt: z.number(), renews: z.boolean() }).nullable(),
  /** `advisory` limits are watched, not enforced */
  isolation: z.enum(['enforced', 'advisory', 'unsandboxed']).nullable(),
});
export type Lab = z.infer<typeof Lab>;

export const StartLab = z.object({
  course: Slug,
  lesson: Slug,
  /** replay the solutions of the lessons in `after` that are missing */
  prepare: z.boolean().default(false),
  /** of the page that asks: what is said of its steps from now on; absent: as before, at first English */
  language: Language.optional(),
  /** for a role that may: start it for this person (their user id) */
  onBehalfOf: z.string().max(64).optional(),
});
export type StartLab = z.infer<typeof StartLab>;
