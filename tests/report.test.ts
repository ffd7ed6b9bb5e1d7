import { describe, expect, it } from 'vitest';
import { tally } from './report.ts';

const report = (head: string, ...cases: string[]): string =>
  `<?xml version="1.0"?>\n<testsuites name="vitest tests" ${head}>\n<testsuite>${cases.join('\n')}</testsuite></testsuites>`;
const good = '<testcase classname="a.test.ts" name="holds" time="1"/>';
const bad =
  '<testcase classname="a.test.ts" name="a &gt; says &quot;no&quot;" time="2">\n<failure message="x">at a.test.ts:3</failure>\n</testcase>';

describe('a suite with a report', () => {
  it('counts what held', () => {
    const ended = { name: 'unit', code: 0, report: report('tests="2" failures="0" errors="0"', good, good) };
    expect(tally(ended)).toEqual({ passed: 2, failed: [] });
  });

  it('names what failed, so that the last lines of a run are enough', () => {
    const ended = { name: 'unit', code: 1, report: report('tests="2" failures="1" errors="0"', good, bad) };
    expect(tally(ended)).toEqual({ passed: 1, failed: ['unit: a.test.ts > a > says "no"'] });
  });

  it('does not take a good test before a bad one for it', () => {
    const open = '<testcase classname="a.test.ts" name="spoke"><system-out>so</system-out></testcase>';
    const ended = { name: 'unit', code: 1, report: report('tests="3" failures="1"', good, open, bad) };
    expect(tally(ended).failed).toEqual(['unit: a.test.ts > a > says "no"']);
  });

  it('counts an error of no test', () => {
    const ended = { name: 'unit', code: 1, report: report('tests="1" failures="0" errors="1"', good) };
    expect(tally(ended)).toEqual({ passed: 0, failed: ['unit: outside of any test'] });
  });

  it('has failed where its command did, though every test held', () => {
    const ended = { name: 'unit', code: 137, report: report('tests="1" failures="0"', good) };
    expect(tally(ended)).toEqual({ passed: 1, failed: ['unit: ended with 137'] });
  });
});

describe('a suite without a report', () => {
  it('counts as one test that held', () => {
    expect(tally({ name: 'lint', code: 0 })).toEqual({ passed: 1, failed: [] });
  });

  it('counts as one that failed', () => {
    expect(tally({ name: 'lint', code: 1 })).toEqual({ passed: 0, failed: ['lint: ended with 1'] });
  });

  it('counts as one where the report is none', () => {
    expect(tally({ name: 'unit', code: 1, report: '' }).failed).toEqual(['unit: ended with 1']);
  });
});
