/** A fence's info string to the contract's fence: kinds, their options and languages. */
import { z } from 'zod';
import {
  CellFence,
  CheckFence,
  CleanupFence,
  EditFence,
  ExampleFence,
  Question,
  ReadyFence,
  RunFence,
  SetupFence,
  SolutionFence,
  UndoFence,
  WrongFence,
} from '../contract/lesson.ts';
import type { Place } from '../contract/lesson.ts';
import { HomePath, Slug, TerminalName } from '../contract/names.ts';
import { Duration } from './duration.ts';
import { parseMeta } from './fence-meta.ts';
import type { FenceMeta } from './fence-meta.ts';
import { READ } from './mistakes.ts';
import type { Mistake } from './mistakes.ts';

const AnswerFence = Question.shape.answer.unwrap();
const OutputFence = ExampleFence.extend({ kind: z.literal('output') });
const WhenFence = ExampleFence.extend({ kind: z.literal('when') });

const FENCES = {
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
const OPTIONS = {
  run: z.strictObject({
    example: Flag,
    fails: Flag,
    terminal: TerminalName.optional(),
    until: Some,
    stop: TerminalName.optional(),
    in: z.literal('python').optional(),
  }),
  edit: z.strictObject({ file: HomePath.min(1), at: Some }),
  cell: z.strictObject({ notebook: Some }),
  check: z.strictObject({
    timeout: Duration.optional(),
    waits: Duration.optional(),
    every: Duration.optional(),
    already: Some,
    as: Slug.optional(),
  }),
  solution: NONE,
  wrong: z.strictObject({ hint: Some }),
  answer: NONE,
  undo: NONE,
  setup: z.strictObject({ as: Slug.optional() }),
  ready: NONE,
  cleanup: NONE,
  output: NONE,
  when: NONE,
} as const;
type WrittenKind = keyof typeof OPTIONS;
const KINDS = Object.keys(OPTIONS) as WrittenKind[];

const SHELL = ['bash', 'sh'];
const SCRIPT = [...SHELL, 'python'];
const LANGUAGES: Partial<Record<WrittenKind, readonly string[]>> = {
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

/** What a fence may say for the code blocks of the page alone (Expressive Code); none of it is ours. */
const PAGE_WORDS = ['showLineNumbers', 'wrap', 'preserveIndent'];
const PAGE_OPTIONS = [
  'title',
  'frame',
  'mark',
  'ins',
  'del',
  'collapse',
  'lang',
  'startLineNumber',
  'hangingIndent',
  'showLineNumbers',
  'wrap',
  'preserveIndent',
];

export interface WrittenFence {
  readonly lang: string;
  readonly meta: string;
  readonly code: string;
  readonly place: Place;
}
export type FenceReading =
  | { readonly is: 'text'; readonly keepMeta: boolean }
  | { readonly is: 'fence'; readonly fence: LessonFence }
  | { readonly is: 'mistake'; readonly mistakes: readonly Mistake[] };

/**
 * @param number gives the next number of a kind in the lesson, from 1: `run-1`, `run-2`
 * @returns `text` for a block that only the page shows.
 */
export function readFence(written: WrittenFence, number: (kind: FenceKind) => number): FenceReading {
  const meta = parseMeta(written.meta);
  const [first] = meta.words;
  if (first === 'no-run') return readNoRun(written, meta);
  if (first !== undefined && isKind(first)) return readKind(written, first, meta, number);
  if (isForThePage(written.meta, meta)) return { is: 'text', keepMeta: true };
  return mistake(
    written,
    'Unknown word after the language of a code block.',
    `one of ${KINDS.join(', ')}, no-run`,
    written.meta,
  );
}

const isKind = (word: string): word is WrittenKind => (KINDS as readonly string[]).includes(word);

function isForThePage(raw: string, meta: FenceMeta): boolean {
  if (/^\s*[{"'/]/.test(raw)) return true;
  return (
    meta.words.every((word) => PAGE_WORDS.includes(word)) &&
    Object.keys(meta.options).every((key) => PAGE_OPTIONS.includes(key))
  );
}

function readNoRun(written: WrittenFence, meta: FenceMeta): FenceReading {
  const says = meta.options['why'] !== undefined && meta.options['why'] !== '';
  const only = meta.words.length === 1 && Object.keys(meta.options).length === 1 && meta.unreadable === null;
  if (says && only) return { is: 'text', keepMeta: false };
  return mistake(written, 'A block that is not run says why.', 'no-run why="…"', written.meta);
}

function readKind(
  written: WrittenFence,
  kind: WrittenKind,
  meta: FenceMeta,
  number: (kind: FenceKind) => number,
): FenceReading {
  if (meta.unreadable !== null)
    return mistake(
      written,
      `The options of this ${kind} cannot be read.`,
      'words and key=value or key="value", each once',
      meta.unreadable,
    );
  const given = { ...Object.fromEntries(meta.words.slice(1).map((word) => [word, true])), ...meta.options };
  const parsed = OPTIONS[kind].safeParse(given);
  if (!parsed.success)
    return {
      is: 'mistake',
      mistakes: parsed.error.issues.map((issue) => optionMistake(written, kind, issue, given)),
    };
  const wrong = ruleBroken(written, kind, parsed.data);
  if (wrong !== null) return mistake(written, wrong.message, wrong.expected, wrong.received);
  return { is: 'fence', fence: build(written, kind, parsed.data, number) };
}

function build(
  written: WrittenFence,
  kind: WrittenKind,
  options: Record<string, unknown>,
  number: (kind: FenceKind) => number,
): LessonFence {
  const { example, ...rest } = options;
  const becomes: FenceKind = example === true ? 'example' : kind;
  const { lang, code, place } = written;
  return FENCES[becomes].parse({
    kind: becomes,
    id: `${becomes}-${number(becomes)}`,
    lang,
    code,
    place,
    ...rest,
  });
}

interface Broken {
  readonly message: string;
  readonly expected: string;
  readonly received: string;
}

/** Rules that hold between a fence's options, its language and its code. */
function ruleBroken(
  written: WrittenFence,
  kind: WrittenKind,
  options: Record<string, unknown>,
): Broken | null {
  return (
    languageBroken(written, kind, options) ??
    (kind === 'run' ? runBroken(written, options) : null) ??
    emptyBroken(written, kind, options) ??
    everyBroken(kind, options)
  );
}

function languageBroken(
  written: WrittenFence,
  kind: WrittenKind,
  options: Record<string, unknown>,
): Broken | null {
  const allowed =
    options['in'] === 'python' ? ['python'] : options['example'] === true ? undefined : LANGUAGES[kind];
  if (allowed === undefined || allowed.includes(written.lang)) return null;
  return {
    message: `A ${kind} cannot be in this language.`,
    expected: allowed.join(' or '),
    received: written.lang || 'no language',
  };
}

function runBroken(_written: WrittenFence, options: Record<string, unknown>): Broken | null {
  const together = (one: string, other: string): Broken | null =>
    options[one] !== undefined && options[other] !== undefined
      ? {
          message: 'These two words contradict each other.',
          expected: `${one} or ${other}`,
          received: `${one} and ${other}`,
        }
      : null;
  return (
    together('stop', 'until') ??
    together('stop', 'terminal') ??
    together('stop', 'fails') ??
    together('until', 'fails') ??
    together('example', 'fails') ??
    together('example', 'until') ??
    together('example', 'stop')
  );
}

function emptyBroken(
  written: WrittenFence,
  kind: WrittenKind,
  options: Record<string, unknown>,
): Broken | null {
  const empty = written.code.trim() === '';
  if (options['stop'] !== undefined)
    return empty
      ? null
      : {
          message: 'A run that stops a terminal holds no commands.',
          expected: 'an empty block',
          received: written.code,
        };
  return empty && kind !== 'edit' && kind !== 'output'
    ? { message: `This ${kind} is empty.`, expected: 'something to run', received: 'nothing' }
    : null;
}

function everyBroken(kind: WrittenKind, options: Record<string, unknown>): Broken | null {
  const alone = kind === 'check' && options['every'] !== undefined && options['waits'] === undefined;
  return alone
    ? { message: '`every` is for a check that waits.', expected: 'waits=… every=…', received: 'every alone' }
    : null;
}

function optionMistake(
  written: WrittenFence,
  kind: WrittenKind,
  issue: z.core.$ZodIssue,
  given: Record<string, unknown>,
): Mistake {
  const place = { file: written.place.file, line: written.place.line, read: READ.fences };
  const known = Object.keys(OPTIONS[kind].shape).join(', ') || 'none';
  if (issue.code === 'unrecognized_keys')
    return {
      ...place,
      message: `Unknown option of a ${kind}.`,
      expected: `of ${kind}: ${known}`,
      received: issue.keys.join(', '),
    };
  const key = String(issue.path[0] ?? '');
  const value = given[key];
  return {
    ...place,
    message: `The option ${key} of this ${kind} cannot be used.`,
    expected: EXPECTED[key] ?? issue.message,
    received: value === undefined ? 'nothing' : String(value),
  };
}

const EXPECTED: Readonly<Record<string, string>> = {
  file: 'file=PATH, relative to the home and inside it',
  terminal: 'terminal=NAME in lower-case letters, digits and -',
  stop: 'stop=NAME of a terminal',
  in: 'in=python',
  fails: 'the word fails, without a value',
  example: 'the word example, without a value',
};

function mistake(written: WrittenFence, message: string, expected: string, received: string): FenceReading {
  return { is: 'mistake', mistakes: [{ ...written.place, message, expected, received, read: READ.fences }] };
}
