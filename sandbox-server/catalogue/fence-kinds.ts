/** The kinds of fences: what each may say, in which languages, and what it becomes. */
import { z } from 'zod';
import {
  CellFence,
  CheckFence,
  CleanupFence,
  EditFence,
  ExampleFence,
  NotebookName,
  Question,
  ReadyFence,
  RunFence,
  SetupFence,
  SolutionFence,
  UndoFence,
  WrongFence,
} from '../contract/lesson.ts';
import { HomePath, Slug, TerminalName } from '../contract/names.ts';
import { Duration } from './duration.ts';

const AnswerFence = Question.shape.answer.unwrap();
const OutputFence = ExampleFence.extend({ kind: z.literal('output') });
const WhenFence = ExampleFence.extend({ kind: z.literal('when') });

/** What a kind becomes. */
export const FENCES = {
  run: RunFence,
  example: ExampleFence,
  edit: EditFence,
  cell: CellFence,
  check: CheckFence,
  solution: SolutionFence,
  wrong: WrongFence,
  answer: AnswerFence,
  undo: UndoFence,
  setup: SetupFence,
  ready: ReadyFence,
  cleanup: CleanupFence,
  output: OutputFence,
  when: WhenFence,
} as const;

export type FenceKind = keyof typeof FENCES;
export type LessonFence = z.infer<(typeof FENCES)[FenceKind]>;

const Flag = z.literal(true).optional();
const Some = z.string().min(1).optional();
const NONE = z.strictObject({});
/** What may stand after a kind's name; words are `true`. */
export const OPTIONS = {
  run: z.strictObject({
    example: Flag,
    fails: Flag,
    terminal: TerminalName.optional(),
    until: Some,
    stop: TerminalName.optional(),
    in: z.literal('python').optional(),
  }),
  edit: z.strictObject({ file: HomePath.min(1), at: Some }),
  cell: z.strictObject({ notebook: NotebookName.optional(), fails: Flag }),
  check: z.strictObject({
    timeout: Duration.optional(),
    waits: Duration.optional(),
    every: Duration.optional(),
    already: Some,
    as: Slug.optional(),
  }),
  solution: NONE,
  wrong: z.strictObject({ hint: Some, as: Slug.optional() }),
  answer: NONE,
  undo: z.strictObject({ as: Slug.optional() }),
  setup: z.strictObject({ as: Slug.optional() }),
  ready: NONE,
  cleanup: NONE,
  output: NONE,
  when: NONE,
} as const;
/** A kind as authors write it: an example is a `run example`. */
export type WrittenKind = keyof typeof OPTIONS;
export const KINDS = Object.keys(OPTIONS) as WrittenKind[];

const SHELL = ['bash', 'sh'];
const SCRIPT = [...SHELL, 'python'];
/** verbs of a service, whose lines look like a shell's */
export const VERBS: readonly string[] = [...SHELL, 'text'];
export const LANGUAGES: Partial<Record<WrittenKind, readonly string[]>> = {
  run: SHELL,
  cell: ['python'],
  check: SCRIPT,
  solution: SCRIPT,
  wrong: SCRIPT,
  answer: SCRIPT,
  undo: SCRIPT,
  setup: SCRIPT,
  ready: SCRIPT,
  cleanup: SCRIPT,
  output: ['text'],
  when: SCRIPT,
};
