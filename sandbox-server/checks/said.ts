/** The lines a check may print, as data. Unknown or malformed ones are plain text. */
import { printable } from '../telemetry/printable.ts';

export interface Said {
  /** the last plain line, escaped; null: there was none */
  readonly plain: string | null;
  /** the last `msg ID [args]` */
  readonly message: { readonly id: string; readonly args: readonly string[] } | null;
  readonly hints: readonly string[];
  readonly facts: Readonly<Record<string, string>>;
  readonly progress: { readonly done: number; readonly all: number; readonly unit: string } | null;
}

/** what one run may leave behind; more is ignored */
const MOST = { hints: 16, facts: 50, fact: 1000, args: 10, lines: 5000 } as const;
const FACT = /^fact ([A-Za-z][A-Za-z0-9_-]{0,40})=(.*)$/;
const HINT = /^hint ([a-z0-9][a-z0-9-]{0,98})$/;
const PROGRESS = /^progress (\d{1,12}(?:\.\d{1,6})?) (\d{1,12}(?:\.\d{1,6})?)(?: (.{1,40}))?$/;
const MESSAGE = /^msg ([a-z0-9][a-z0-9._-]{0,98})(?: (.*))?$/;

/** @param stdout what the agent kept of it: at most 64 KiB, the end */
export function readLines(stdout: string): Said {
  const facts = new Map<string, string>();
  const hints = new Set<string>();
  let plain: string | null = null;
  let message: Said['message'] = null;
  let progress: Said['progress'] = null;
  for (const raw of stdout.split('\n').slice(-MOST.lines)) {
    const line = raw.trim();
    if (line === '') continue;
    const fact = FACT.exec(line);
    const hint = HINT.exec(line);
    const going = readProgress(line);
    const named = MESSAGE.exec(line);
    if (fact) keepFact(facts, fact[1] ?? '', fact[2] ?? '');
    else if (hint) keepHint(hints, hint[1] ?? '');
    else if (going) progress = going;
    else if (named) message = { id: named[1] ?? '', args: words(named[2] ?? '') };
    else plain = printable(line);
  }
  return { plain, message, hints: [...hints], facts: Object.fromEntries(facts), progress };
}

function keepFact(facts: Map<string, string>, name: string, value: string): void {
  if (facts.has(name) || facts.size < MOST.facts) facts.set(name, printable(value.trim(), MOST.fact));
}

function keepHint(hints: Set<string>, id: string): void {
  if (hints.size < MOST.hints) hints.add(id);
}

function readProgress(line: string): Said['progress'] {
  const match = PROGRESS.exec(line);
  const all = Number(match?.[2]);
  if (!match || !(all > 0)) return null;
  return { done: Math.min(Number(match[1]), all), all, unit: printable(match[3] ?? '', 40) };
}

/** Arguments of `msg`: words, or "several words" in double quotes. */
function words(text: string): string[] {
  return [...text.matchAll(/"([^"]*)"|(\S+)/g)]
    .slice(0, MOST.args)
    .map((m) => printable(m[1] ?? m[2] ?? '', 300));
}
