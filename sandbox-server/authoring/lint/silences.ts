/** `<!-- lint-ok RULE: why -->` switches a rule off from there to the next heading; without a why it does not. */
import type { Finding } from './finding.ts';
import { finding, lineOf } from './page.ts';
import type { Page } from './page.ts';
import { RULE_IDS } from './rules.ts';
import type { RuleId } from './rules.ts';

interface Silence {
  readonly rule: RuleId;
  /** first and last line, both included */
  readonly from: number;
  readonly to: number;
}

const COMMENT = /^<!--\s*lint-ok\b([^]*?)-->\s*$/;
const WORDS = /^\s*([a-z-]+):\s*(\S[^]*)$/;

/** @returns the page's silences, and a finding for each comment that is none. */
export function silencesOf(page: Page): { silences: Silence[]; findings: Finding[] } {
  const silences: Silence[] = [];
  const findings: Finding[] = [];
  const headings = page.root.children.filter((node) => node.type === 'heading').map(lineOf);
  for (const node of page.root.children) {
    const comment = node.type === 'html' ? COMMENT.exec(node.value) : null;
    if (comment === null) continue;
    const line = lineOf(node);
    const rule = WORDS.exec(comment[1] ?? '')?.[1];
    const known = RULE_IDS.find((each) => each === rule && each !== 'format');
    if (known === undefined) findings.push(notSilent(page, line, comment[0]));
    else silences.push({ rule: known, ...sectionAround(line, headings) });
  }
  return { silences, findings };
}

/** From the heading above to the next one: a step is looked at where its heading stands. */
function sectionAround(line: number, headings: readonly number[]): { from: number; to: number } {
  const from = headings.findLast((each) => each < line) ?? 1;
  const next = headings.find((each) => each > line);
  return { from, to: next === undefined ? Infinity : next - 1 };
}

const notSilent = (page: Page, line: number, received: string): Finding =>
  finding(
    'silence',
    { file: page.file, line },
    {
      message: 'This comment switches nothing off.',
      expected: '<!-- lint-ok RULE: why --> with one of the rules of palestra lint --help',
      received,
    },
  );

/** Without what the page's author has answered for. */
export function heard(findings: readonly Finding[], silences: readonly Silence[]): Finding[] {
  return findings.filter(
    ({ rule, line }) => !silences.some((each) => each.rule === rule && each.from <= line && line <= each.to),
  );
}
