/** What lint found: one thing at one place, and what to do about it. */
import type { RuleId } from './rules.ts';

export type Level = 'error' | 'warning';

export interface Finding {
  readonly rule: RuleId;
  readonly level: Level;
  /** relative to the checkout, POSIX */
  readonly file: string;
  /** counts from 1 */
  readonly line: number;
  /** what is wrong, a sentence */
  readonly message: string;
  readonly expected: string;
  readonly received: string;
  /** where to read about it */
  readonly read: string;
}

/** By file, line and rule, each once. */
export function inOrder(findings: readonly Finding[]): Finding[] {
  const unique = new Map(findings.map((each) => [JSON.stringify(each), each]));
  return [...unique.values()].sort(
    (a, b) => compare(a.file, b.file) || a.line - b.line || compare(a.rule, b.rule),
  );
}
const compare = (a: string, b: string) => (a < b ? -1 : a > b ? 1 : 0);
