/** Rules that hold between a fence's options, its language and its code. */
import { readVerbLines } from '../contract/verb-lines.ts';
import { LANGUAGES, VERBS } from './fence-kinds.ts';
import type { WrittenKind } from './fence-kinds.ts';
import type { WrittenFence } from './fences.ts';

type Options = Readonly<Record<string, unknown>>;

export interface Broken {
  readonly message: string;
  readonly expected: string;
  readonly received: string;
}

/** @returns the first rule that this fence breaks */
export function ruleBroken(written: WrittenFence, kind: WrittenKind, options: Options): Broken | null {
  return (
    languageBroken(written, kind, options) ??
    (kind === 'run' ? runBroken(options) : null) ??
    emptyBroken(written, kind, options) ??
    (options['as'] === undefined ? null : verbsBroken(written)) ??
    everyBroken(kind, options)
  );
}

function languageBroken(written: WrittenFence, kind: WrittenKind, options: Options): Broken | null {
  const allowed = languagesFor(kind, options);
  if (allowed === undefined || allowed.includes(written.lang)) return null;
  return {
    message: `A ${kind} cannot be in this language.`,
    expected: allowed.join(' or '),
    received: written.lang || 'no language',
  };
}

function languagesFor(kind: WrittenKind, options: Options): readonly string[] | undefined {
  if (options['as'] !== undefined) return VERBS;
  if (options['in'] === 'python') return ['python'];
  return options['example'] === true ? undefined : LANGUAGES[kind];
}

function verbsBroken({ code }: WrittenFence): Broken | null {
  const { mistake } = readVerbLines(code);
  if (mistake === null) return null;
  return {
    message: `Line ${mistake.line} is no verb of a service.`,
    expected: 'NAME key=value … on each line',
    received: mistake.why,
  };
}

function runBroken(options: Options): Broken | null {
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

function emptyBroken(written: WrittenFence, kind: WrittenKind, options: Options): Broken | null {
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

function everyBroken(kind: WrittenKind, options: Options): Broken | null {
  const alone = kind === 'check' && options['every'] !== undefined && options['waits'] === undefined;
  return alone
    ? { message: '`every` is for a check that waits.', expected: 'waits=… every=…', received: 'every alone' }
    : null;
}
