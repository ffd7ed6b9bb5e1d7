/** A report as JUnit, which continuous integration reads: a suite for each lesson, a case for each step. Pure. */
import type { LessonReport, ProveReport, StepReport } from './report.ts';

export function toJunit({ lessons }: ProveReport): string {
  const suites = lessons.map(suiteOf);
  const sum = (what: 'tests' | 'failures' | 'skipped') => suites.reduce((n, suite) => n + suite[what], 0);
  const counts = `tests="${sum('tests')}" failures="${sum('failures')}" skipped="${sum('skipped')}" errors="0"`;
  const xml = suites.map(({ xml }) => xml).join('\n');
  return `<?xml version="1.0" encoding="UTF-8"?>\n<testsuites name="prove" ${counts}>\n${xml}\n</testsuites>\n`;
}

interface Suite {
  readonly tests: number;
  readonly failures: number;
  readonly skipped: number;
  readonly xml: string;
}

function suiteOf(lesson: LessonReport): Suite {
  const cases = casesOf(lesson);
  const count = (status: StepReport['status']) => cases.filter((each) => each.status === status).length;
  const counts = { tests: cases.length, failures: count('failed'), skipped: count('skipped') };
  const inner = cases.map((each) => caseOf(lesson.id, each)).join('\n');
  const head = `name="${escaped(lesson.id)}" tests="${counts.tests}" failures="${counts.failures}" skipped="${counts.skipped}" time="${lesson.seconds}"`;
  return { ...counts, xml: `  <testsuite ${head}>\n${inner}\n  </testsuite>` };
}

/** What is wrong with a lesson and no step of it (a kit that is missing, a solution alone) is a case of its own. */
function casesOf({ status, reason, steps }: LessonReport): readonly StepReport[] {
  const told = steps.some((step) => step.status === status);
  return told ? steps : [...steps, { id: 'the whole', status, seconds: 0, message: reason ?? '' }];
}

function caseOf(lesson: string, { id, status, seconds, message = '' }: StepReport): string {
  const open = `    <testcase classname="${escaped(lesson)}" name="${escaped(id)}" time="${seconds}"`;
  const [first = ''] = message.split('\n');
  if (status === 'failed')
    return `${open}><failure message="${escaped(first)}">${escaped(message)}</failure></testcase>`;
  return status === 'skipped' ? `${open}><skipped message="${escaped(first)}"/></testcase>` : `${open}/>`;
}

const NAMED: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' };

/** What a sandbox printed may hold anything; control characters are not allowed in XML at all. */
function escaped(text: string): string {
  return text
    .replace(/[&<>"]/g, (each) => NAMED[each] ?? each)
    .replace(/[^\t\n\r\u0020-\uD7FF\uE000-\uFFFD\u{10000}-\u{10FFFF}]/gu, '\uFFFD');
}
