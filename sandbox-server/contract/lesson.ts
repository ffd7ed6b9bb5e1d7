/** A course as the catalogue parses it from Markdown (course-format.md). Checks and solutions stay on the server. */
import { z } from 'zod';
import { Slug, StepId, TerminalName, HomePath } from './names.ts';
import { ClusterNeed } from './namespace.ts';

/** Where a fence stands in its file: for errors and for the author's bar. Lines count from 1. */
export const Place = z.object({ file: z.string(), line: z.number().int().positive() });
export type Place = z.infer<typeof Place>;

const Fence = z.object({ id: z.string(), lang: z.string(), code: z.string(), place: Place });

/** The `text output` block under a run: what the run prints, as the page shows it. */
export const ShownOutput = z.object({ text: z.string(), place: Place });
export type ShownOutput = z.infer<typeof ShownOutput>;
/** A regular expression: what it matches in an output varies, and counts as the same. */
export const Mask = z
  .string()
  .refine(isPattern, { message: 'a regular expression that matches at least one character' });

function isPattern(text: string): boolean {
  try {
    return !new RegExp(text, 'gm').test('');
  } catch (error) {
    if (error instanceof SyntaxError) return false;
    throw error;
  }
}

export const RunFence = Fence.extend({
  kind: z.literal('run'),
  terminal: TerminalName.optional(),
  until: z.string().optional(),
  stop: TerminalName.optional(),
  fails: z.boolean().default(false),
  in: z.literal('python').optional(),
  output: ShownOutput.optional(),
});
export const ExampleFence = Fence.extend({ kind: z.literal('example') });
export const EditFence = Fence.extend({ kind: z.literal('edit'), file: HomePath, at: z.string().optional() });
/** Of a notebook in the learner's home, without `.ipynb`. */
export const NotebookName = z.string().regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,60}$/);
export const CellFence = Fence.extend({
  kind: z.literal('cell'),
  notebook: NotebookName.default('notebook'),
  /** is meant to raise */
  fails: z.boolean().default(false),
});
export const CheckFence = Fence.extend({
  kind: z.literal('check'),
  /** seconds; how long one run of the check may take */
  timeout: z.number().positive().default(10),
  /** seconds a waiting step may wait in all; absent: exit 75 is an error */
  waits: z.number().positive().optional(),
  /** seconds between two runs while waiting */
  every: z.number().positive().default(3),
  already: z.string().optional(),
  /** verbs of this service instead of a script: contract/verb-lines.ts */
  as: z.string().optional(),
});
export const SolutionFence = Fence.extend({ kind: z.literal('solution') });
export const WrongFence = Fence.extend({
  kind: z.literal('wrong'),
  hint: z.string().optional(),
  as: z.string().optional(),
});
export const UndoFence = Fence.extend({ kind: z.literal('undo'), as: z.string().optional() });
export const SetupFence = Fence.extend({ kind: z.literal('setup'), as: z.string().optional() });
export const ReadyFence = Fence.extend({ kind: z.literal('ready') });
export const CleanupFence = Fence.extend({ kind: z.literal('cleanup') });

export type RunFence = z.infer<typeof RunFence>;
export type EditFence = z.infer<typeof EditFence>;
export type CellFence = z.infer<typeof CellFence>;
export type CheckFence = z.infer<typeof CheckFence>;
export type WrongFence = z.infer<typeof WrongFence>;

/** A hint: shown when a check names it, after so many failed tries, or after so long waiting. */
export const Hint = z.object({
  id: z.string(),
  title: z.string(),
  /** Markdown; `{{fact:NAME}}` and `{{user}}` are filled in by the page */
  text: z.string(),
  afterTries: z.number().int().positive().optional(),
  afterSeconds: z.number().positive().optional(),
  unproven: z.string().optional(),
  /** a script that shows the hint when it succeeds */
  when: z.object({ lang: z.string(), code: z.string(), place: Place }).optional(),
  place: Place,
});
export type Hint = z.infer<typeof Hint>;

export const Choice = z.object({ text: z.string(), right: z.boolean(), why: z.string().optional() });
export const Question = z.object({
  id: z.string(),
  title: z.string(),
  kind: z.enum(['choice', 'answer']),
  choices: z.array(Choice).default([]),
  answer: SolutionFence.extend({ kind: z.literal('answer') }).optional(),
  place: Place,
});
export type Question = z.infer<typeof Question>;

export const Step = z.object({
  id: StepId,
  title: z.string(),
  setup: z.array(SetupFence),
  /** run, edit and cell fences in page order */
  actions: z.array(z.discriminatedUnion('kind', [RunFence, EditFence, CellFence])),
  checks: z.array(CheckFence),
  solutions: z.array(SolutionFence),
  wrongs: z.array(WrongFence),
  undos: z.array(UndoFence),
  hints: z.array(Hint),
  questions: z.array(Question),
  place: Place,
});
export type Step = z.infer<typeof Step>;

export const TokenNeed = z.object({ audience: z.string(), scope: z.string() });
export const Needs = z.object({
  kit: Slug.default('base'),
  services: z.array(Slug).default([]),
  tokens: z.array(TokenNeed).default([]),
  after: z.array(Slug).default([]),
  resources: z.record(z.string(), z.union([z.string(), z.number()])).default({}),
  /** a namespace of the learner's own on the cluster; absent: the lesson uses none */
  cluster: ClusterNeed.optional(),
});
export type Needs = z.infer<typeof Needs>;

export const Lesson = z.object({
  course: Slug,
  id: Slug,
  title: z.string().min(1),
  minutes: z.number().int().positive(),
  questions: z.array(z.string()),
  objectives: z.array(z.string()),
  keypoints: z.array(z.string()),
  leaves: z.array(z.string()),
  needs: Needs,
  setup: z.array(SetupFence),
  ready: z.array(ReadyFence),
  cleanup: z.array(CleanupFence),
  steps: z.array(Step),
  /** what varies in shown outputs: the course's masks and the lesson's own; absent: nothing does */
  mask: z.array(Mask).optional(),
  /** message id → sentence, by language (`messages.it.yaml`) */
  messages: z.record(z.string(), z.record(z.string(), z.string())),
  /** language → question id → why each choice is as it is, as its translation says; null: it gives no reason */
  reasons: z.record(z.string(), z.record(z.string(), z.array(z.string().nullable()))).optional(),
  /** absolute folder: `files/`, `checks/` below it */
  folder: z.string(),
  /** sha256 over lesson.md, files/, checks/ and fixtures/: what a proof is bound to */
  hash: z.string(),
});
export type Lesson = z.infer<typeof Lesson>;

export const Course = z.object({
  id: Slug,
  title: z.string(),
  summary: z.string(),
  audience: z.string(),
  authors: z.array(z.string()),
  licence: z.string(),
  kit: Slug,
  services: z.array(Slug),
  /** groups that may take it; empty: whoever can sign in */
  groups: z.array(z.string()),
  lessons: z.array(Lesson),
  /** inherited by its lessons */
  mask: z.array(Mask).optional(),
  folder: z.string(),
});
export type Course = z.infer<typeof Course>;

/** What a page's client code may know of a lesson: no checks, solutions, answers or wrongs. */
export const PublicStep = z.object({
  id: StepId,
  title: z.string(),
  actions: z.array(z.object({ id: z.string(), kind: z.enum(['run', 'edit', 'cell']) })),
  hasCheck: z.boolean(),
  hasSolution: z.boolean(),
  questions: z.array(z.string()),
});
export const PublicLesson = z.object({
  course: Slug,
  id: Slug,
  title: z.string(),
  minutes: z.number(),
  kit: Slug,
  after: z.array(Slug),
  next: Slug.nullable(),
  steps: z.array(PublicStep),
});
export type PublicStep = z.infer<typeof PublicStep>;
export type PublicLesson = z.infer<typeof PublicLesson>;
