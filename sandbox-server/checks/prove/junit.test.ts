import { describe, expect, it } from 'vitest';
import { toJunit } from './junit.ts';
import type { LessonReport } from './report.ts';

const lesson = (more: Partial<LessonReport>): LessonReport => ({
  id: 'c/1-a',
  status: 'proven',
  seconds: 3,
  kit: 'base',
  versions: {},
  mutation: { noticed: 0, tried: 0 },
  steps: [],
  ...more,
});

describe('JUnit', () => {
  it('has a suite for each lesson and a case for each step, counted', () => {
    const xml = toJunit({
      driver: 'local',
      failed: 1,
      lessons: [
        lesson({ steps: [{ id: 'a', status: 'proven', seconds: 3 }] }),
        lesson({
          id: 'c/2-b',
          status: 'failed',
          reason: 'step b: no',
          steps: [
            { id: 'b', status: 'failed', seconds: 1, message: 'It is <red> & "loud"\x1b[0m\nsecond line' },
            { id: 'c', status: 'skipped', seconds: 0 },
          ],
        }),
      ],
    });
    expect(xml).toContain('<testsuites name="prove" tests="3" failures="1" skipped="1" errors="0">');
    expect(xml).toContain('<testcase classname="c/1-a" name="a" time="3"/>');
    expect(xml).toContain('message="It is &lt;red&gt; &amp; &quot;loud&quot;\uFFFD[0m"');
    expect(xml).toContain('second line</failure>');
  });
  it('counts a lesson that failed or was left out before any step', () => {
    const xml = toJunit({
      driver: 'local',
      failed: 1,
      lessons: [
        lesson({ status: 'failed', reason: 'No kit gone.' }),
        lesson({ status: 'skipped', reason: 'no lake', steps: [] }),
        lesson({ status: 'failed', reason: 'alone', steps: [{ id: 'a', status: 'proven', seconds: 1 }] }),
      ],
    });
    expect(xml).toContain('tests="4" failures="2" skipped="1"');
    expect(xml).toContain('name="the whole" time="0"><failure message="No kit gone.">');
  });
});
