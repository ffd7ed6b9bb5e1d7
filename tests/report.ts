/** What a suite's JUnit report says: how many tests held, and the names of those that did not. Pure. */

export interface Tally {
  readonly passed: number;
  /** `suite: file > test`, one for each test that failed */
  readonly failed: readonly string[];
}
export interface Ended {
  readonly name: string;
  /** exit code of its command */
  readonly code: number;
  /** its JUnit report; absent where it writes none, or died before it could: then it counts as one test */
  readonly report?: string;
}

/** A suite that exits badly has failed at least once, whatever its report counted. */
export function tally({ name, code, report }: Ended): Tally {
  const own = report === undefined ? null : counted(name, report);
  if (own === null) return code === 0 ? { passed: 1, failed: [] } : { passed: 0, failed: [died(name, code)] };
  return code === 0 || own.failed.length > 0 ? own : { ...own, failed: [died(name, code)] };
}
const died = (name: string, code: number): string => `${name}: ended with ${code}`;

const CASE = /<testcase\b([^>]*?)(?:\/>|>([\s\S]*?)<\/testcase>)/g;

function counted(suite: string, report: string): Tally | null {
  const head = /<testsuites[^>]*>/.exec(report)?.[0];
  if (head === undefined) return null;
  const number = (name: string) => Number(attribute(head, name) || 0);
  const bad = number('failures') + number('errors');
  const named = [...report.matchAll(CASE)].filter(([, , inside = '']) => /<(failure|error)\b/.test(inside));
  const names = named.map(
    ([, of = '']) => `${suite}: ${attribute(of, 'classname')} > ${attribute(of, 'name')}`,
  );
  // a report may count an error that belongs to no test, such as one between two
  const nameless = Array.from(
    { length: Math.max(0, bad - names.length) },
    () => `${suite}: outside of any test`,
  );
  return { passed: number('tests') - bad, failed: [...names, ...nameless] };
}

const attribute = (tag: string, name: string): string =>
  plain(new RegExp(`\\b${name}="([^"]*)"`).exec(tag)?.[1] ?? '');
const ENTITIES: Readonly<Record<string, string>> = { lt: '<', gt: '>', quot: '"', apos: "'", amp: '&' };
const plain = (text: string): string =>
  text.replace(/&(\w+);/g, (whole, of: string) => ENTITIES[of] ?? whole);
