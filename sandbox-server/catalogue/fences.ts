/** A fence's info string to the contract's fence: kinds, their options and languages. */
import type { z } from 'zod';
import type { Place } from '../contract/lesson.ts';
import { FENCES, KINDS, OPTIONS } from './fence-kinds.ts';
import type { FenceKind, LessonFence, WrittenKind } from './fence-kinds.ts';
import { parseMeta } from './fence-meta.ts';
import type { FenceMeta } from './fence-meta.ts';
import { ruleBroken } from './fence-rules.ts';
import { READ } from './mistakes.ts';
import type { Mistake } from './mistakes.ts';

export type { FenceKind, LessonFence } from './fence-kinds.ts';

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
  if (meta.words.some(isKind)) return false;
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
  const words = meta.words.slice(1).map((word) => [word, true] as const);
  const given: Record<string, string | true> = { ...Object.fromEntries(words), ...meta.options };
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

function optionMistake(
  written: WrittenFence,
  kind: WrittenKind,
  issue: z.core.$ZodIssue,
  given: Record<string, string | true>,
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
