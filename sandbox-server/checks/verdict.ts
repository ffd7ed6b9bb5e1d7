/**
 * What a check says, read from what it printed and how it ended (course-format.md, *What a check says*).
 * Everything it printed is the learner's to forge: bounded, and escaped before anybody reads it (T66).
 */
import type { RunResult } from '../contract/agent.ts';
import type { CheckFence, Lesson } from '../contract/lesson.ts';
import { printable } from '../telemetry/printable.ts';
import { readLines, type Said } from './said.ts';

export interface Verdict {
  /** `error`: the check itself is at fault (silent, ran past its timeout, 75 without `waits`); never a learner's failure */
  readonly state: 'done' | 'not-yet' | 'not-done' | 'error';
  /** a sentence for the learner; for `error` it names file and line */
  readonly message: string;
  /** hint ids the check named, each once, in its order */
  readonly hints: readonly string[];
  readonly facts: Readonly<Record<string, string>>;
  readonly progress?: { readonly done: number; readonly all: number; readonly unit: string };
}
/** message id → language → sentence; `{0}`, `{1}` … are the arguments. */
export type Messages = Lesson['messages'];
type Judged = Pick<CheckFence, 'place' | 'waits' | 'timeout'>;

/** exit status of *not yet* (EX_TEMPFAIL) */
const NOT_YET = 75;

/**
 * @param lang the learner's language; a `msg` without a sentence in it leaves the plain line to speak.
 * @returns never throws: a check that misbehaves is an `error` naming its place.
 */
export function verdict(result: RunResult, fence: Judged, messages: Messages = {}, lang = 'en'): Verdict {
  const said = readLines(result.stdout);
  const told = sentence(said, messages, lang);
  const fault = faultOf(result, fence, said, told);
  const { hints, facts, progress } = said;
  const rest = { hints, facts, ...(progress ? { progress } : {}) };
  if (fault !== null) return { state: 'error', message: printable(fault), ...rest };
  return { state: stateOf(result.exit), message: told ?? '', ...rest };
}

function stateOf(exit: number): 'done' | 'not-yet' | 'not-done' {
  if (exit === 0) return 'done';
  return exit === NOT_YET ? 'not-yet' : 'not-done';
}

/** Why this run says nothing about the learner's work; null where it does. */
function faultOf(result: RunResult, fence: Judged, said: Said, told: string | null): string | null {
  const where = `the check at ${fence.place.file}:${String(fence.place.line)}`;
  if (result.timedOut) return `${where} was stopped after ${String(fence.timeout)} s${lastWords(result)}`;
  if (result.exit === NOT_YET && fence.waits === undefined)
    return `${where} said *not yet* (exit 75) but has no waits=: give it waits=DURATION, or exit 1`;
  if (told !== null) return null;
  if (said.message)
    return `${where} names the message '${said.message.id}', which stands in no messages file`;
  return `${where} said nothing (exit ${String(result.exit)}): print one sentence for the learner${lastWords(result)}`;
}

function lastWords(result: RunResult): string {
  const last = result.stderr.trimEnd().split('\n').at(-1)?.trim() ?? '';
  return last === '' ? '' : ` (its last error line: ${last.slice(-300)})`;
}

/** The messages file in the learner's language, else the last plain line, else the file in English. */
function sentence(said: Said, messages: Messages, lang: string): string | null {
  const texts =
    said.message && Object.hasOwn(messages, said.message.id) ? messages[said.message.id] : undefined;
  const translated = texts?.[lang];
  if (translated !== undefined && said.message) return withArguments(translated, said.message.args);
  if (said.plain !== null) return said.plain;
  const english = texts?.['en'];
  return english !== undefined && said.message ? withArguments(english, said.message.args) : null;
}

function withArguments(text: string, args: readonly string[]): string {
  return printable(text.replace(/\{(\d{1,2})\}/g, (blank, n: string) => args[Number(n)] ?? blank));
}
