import { describe, expect, it } from 'vitest';
import { linesOf } from './drain.ts';

const DRAINED = { node: 'node-7', namespace: 'labs', ended: [], moved: 2, left: [] };

describe('palestra drain', () => {
  it('says what was done and what comes next', () => {
    const lines = linesOf({ ...DRAINED, ended: [{ pod: 'lab-1', lab: 'abc' }] });
    expect(lines[0]).toBe('1 sandbox of labs saved and ended, their learners told; 2 warm evicted.');
    expect(lines).toContain('  lab abc  lab-1');
    expect(lines).toContain('  kubectl drain node-7 --ignore-daemonsets --delete-emptydir-data');
  });

  it('names what is left, and does not send anybody on to kubectl', () => {
    const lines = linesOf({
      ...DRAINED,
      left: [
        { pod: 'lab-1', lab: 'abc' },
        { pod: 'p', lab: null },
      ],
    });
    expect(lines.join('\n')).toMatch(/Still on node-7:\n {2}lab abc {2}lab-1\n {2}warm {2}p\n/);
    expect(lines.join('\n')).not.toContain('kubectl drain');
  });
});
