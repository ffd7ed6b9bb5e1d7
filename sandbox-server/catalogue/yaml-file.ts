/** YAML that a schema holds for, each mistake at its line. */
import { LineCounter, parseDocument } from 'yaml';
import type { Document } from 'yaml';
import { z } from 'zod';
import type { Mistake } from './mistakes.ts';

export interface YamlSource {
  readonly file: string;
  readonly text: string;
  /** lines of the file before this text */
  readonly linesBefore: number;
  /** where to read about it */
  readonly read: string;
}

/** @returns the value, or null where `report` was told why not. Never throws. */
export function readYaml<T>(
  source: YamlSource,
  schema: z.ZodType<T>,
  report: (mistake: Mistake) => void,
): T | null {
  const counter = new LineCounter();
  const document = parseDocument(source.text, { lineCounter: counter, prettyErrors: false });
  const say = (offset: number, message: string, expected: string, received: string) =>
    report({
      file: source.file,
      line: counter.linePos(offset).line + source.linesBefore,
      message,
      expected,
      received,
      read: source.read,
    });
  for (const error of document.errors) say(error.pos[0], 'This is not YAML.', 'valid YAML', error.message);
  if (document.errors.length > 0) return null;
  const value = plainValue(document);
  if (value === TOO_MANY_ALIASES) {
    say(0, 'Too many YAML aliases.', 'values written out', 'aliases that multiply');
    return null;
  }
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  for (const issue of parsed.error.issues) {
    const { path, expected, received } = explain(issue, value);
    say(offsetOf(document, path), messageOf(path), expected, received);
  }
  return null;
}

const TOO_MANY_ALIASES = Symbol('too many aliases');

function plainValue(document: Document): unknown {
  try {
    return document.toJS({ maxAliasCount: 50 }) as unknown;
  } catch (error) {
    // what yaml throws for an alias bomb and for an alias to nothing
    if (error instanceof ReferenceError) return TOO_MANY_ALIASES;
    throw error;
  }
}

const messageOf = (path: readonly PropertyKey[]) =>
  path.length === 0 ? 'The settings do not fit.' : `The setting ${path.map(String).join('.')} does not fit.`;

function explain(
  issue: z.core.$ZodIssue,
  value: unknown,
): { path: PropertyKey[]; expected: string; received: string } {
  if (issue.code === 'unrecognized_keys') {
    const [key = ''] = issue.keys;
    return {
      path: [...issue.path, key],
      expected: 'only keys that the format knows',
      received: issue.keys.join(', '),
    };
  }
  const found = issue.path.reduce<unknown>(inside, value);
  const expected = issue.message.replace(/^Invalid (?:input|string): /, '').replace(/^expected /, '');
  return { path: issue.path, expected, received: found === undefined ? 'nothing' : JSON.stringify(found) };
}

const inside = (value: unknown, key: PropertyKey): unknown =>
  typeof value === 'object' && value !== null && Object.hasOwn(value, key)
    ? (value as Record<PropertyKey, unknown>)[key]
    : undefined;

/** The deepest node on the path that exists. */
function offsetOf(document: Document, path: readonly PropertyKey[]): number {
  for (let length = path.length; length >= 0; length--) {
    const node = document.getIn(path.slice(0, length), true);
    const range = (node as { range?: [number, number, number] } | undefined)?.range;
    if (range !== undefined) return range[0];
  }
  return 0;
}
