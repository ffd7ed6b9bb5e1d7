/** Findings for people: by file, one line each and what to do about it. Pure. */
import { styleText } from 'node:util';
import type { Finding } from './finding.ts';
import type { LintReport } from './lint.ts';
import { RULES } from './rules.ts';
import type { RuleId } from './rules.ts';

type Paint = (style: 'red' | 'yellow' | 'green' | 'bold' | 'dim', text: string) => string;
const plain: Paint = (_, text) => text;
const coloured: Paint = (style, text) => styleText(style, text, { validateStream: false });

/** @param colour for a terminal alone */
export function describeReport(report: LintReport, colour: boolean): string {
  const paint = colour ? coloured : plain;
  const files = [...new Set(report.findings.map(({ file }) => file))];
  const groups = files.map((file) => {
    const here = report.findings.filter((each) => each.file === file);
    return [paint('bold', file), ...here.map((each) => describe(each, paint))].join('\n');
  });
  return [...groups, summary(report, paint)].join('\n\n');
}

function describe({ line, level, message, rule, expected, received }: Finding, paint: Paint): string {
  const weight = paint(level === 'error' ? 'red' : 'yellow', level.padEnd(7));
  return [
    `  ${String(line).padStart(4)}  ${weight}  ${message} ${paint('dim', `[${rule}]`)}`,
    `                 expected: ${clip(expected)}`,
    `                 received: ${clip(received)}`,
  ].join('\n');
}

const clip = (text: string) => {
  const line = text.replace(/\s+/g, ' ').trim();
  return line.length > 160 ? `${line.slice(0, 160)}…` : line;
};

function summary({ pages, errors, warnings }: LintReport, paint: Paint): string {
  const looked = `${counted(pages, 'page')} looked at`;
  if (errors + warnings === 0) return paint('green', `${looked}, nothing to mend.`);
  const said = `${looked}: ${counted(errors, 'error')}, ${counted(warnings, 'warning')}.`;
  return paint(errors > 0 ? 'red' : 'yellow', said);
}
const counted = (count: number, noun: string) => `${count} ${noun}${count === 1 ? '' : 's'}`;

/** A rule in three lines. */
export function explain(rule: RuleId): string {
  const { level, asks, why } = RULES[rule];
  const quiet =
    rule === 'format' ? '' : `\n  Not here?  <!-- lint-ok ${rule}: why -->, from its heading to the next`;
  return `${rule} (${level})\n  ${asks}\n  ${why}${quiet}`;
}
