/** The body of an `as=SERVICE` fence: one verb a line, `NAME key=value key="some words"`, `#` begins a comment. */
import { Verb } from './service.ts';

export interface VerbLine {
  /** counts from 1 in the fence */
  readonly line: number;
  readonly verb: Verb;
}
export interface VerbLines {
  readonly lines: readonly VerbLine[];
  /** the first line that cannot be read, and why; null: all can */
  readonly mistake: { readonly line: number; readonly why: string } | null;
}

/** more in one fence is a program, and belongs elsewhere */
const MOST = 50;
// sticky, and each alternative consumes at least one character: linear in the length of the line
const ARGUMENT = /\s+([a-z][a-z0-9-]{0,30})=(?:"([^"]*)"|'([^']*)'|([^\s"']+))(?=\s|$)/y;

/** Never throws. Blanks (`{{user}}`) are values like others. */
export function readVerbLines(code: string): VerbLines {
  const lines: VerbLine[] = [];
  const written = code
    .split('\n')
    .map((text, i) => ({ text: text.replace(/(^|\s)#.*$/, '').trim(), line: i + 1 }));
  for (const { text, line } of written.filter((one) => one.text !== '')) {
    const verb = readVerb(text);
    if (typeof verb === 'string') return { lines, mistake: { line, why: verb } };
    if (lines.length === MOST) return { lines, mistake: { line, why: `more than ${MOST} verbs` } };
    lines.push({ line, verb });
  }
  return { lines, mistake: lines.length === 0 ? { line: 1, why: 'no verb' } : null };
}

/** @returns why it is none, or the verb */
function readVerb(text: string): Verb | string {
  const [name = ''] = /^[^\s]+/.exec(text) ?? [];
  const found: Record<string, string> = {};
  const argument = new RegExp(ARGUMENT);
  let at = name.length;
  while (at < text.length) {
    argument.lastIndex = at;
    const [whole, key = '', double, single, bare] = argument.exec(text) ?? [];
    if (whole === undefined) return `"${text.slice(at).trim().slice(0, 60)}" is not key=value`;
    if (Object.hasOwn(found, key)) return `${key} twice`;
    found[key] = double ?? single ?? bare ?? '';
    at = argument.lastIndex;
  }
  const parsed = Verb.safeParse({ name, arguments: found });
  return parsed.success ? parsed.data : `"${name.slice(0, 60)}" is no verb`;
}
