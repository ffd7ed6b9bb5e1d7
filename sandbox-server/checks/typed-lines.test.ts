import { describe, expect, it } from 'vitest';
import { fill } from '../catalogue/fill.ts';
import { runFence, step } from '../labs/testing/courses.ts';
import { actionsTyped, linesOf, type Seen } from './typed-lines.ts';

const filling = { user: 'ada', facts: { rule: 'r1' } };
const two = step('a', {
  actions: [
    runFence('run-1', '# first\ncp  a b\n\necho {{user}} {{fact:rule}}'),
    runFence('run-2', 'ls \\\n  /nowhere', { fails: true }),
    runFence('run-3', '', { stop: 'w' }),
  ],
});
const typed = (line: string, exit = 0, seen: Seen = new Map()) =>
  actionsTyped(two, line, exit, seen, fill, filling);

describe('lines', () => {
  it('are what a learner would type', () => {
    const [first, second] = two.actions.filter((a) => a.kind === 'run');
    expect(first && linesOf(first, fill, filling)).toEqual(['cp a b', 'echo ada r1']);
    expect(second && linesOf(second, fill, filling)).toEqual(['ls /nowhere']);
  });
});

describe('a typed command', () => {
  it('is the action once its last line was typed, in any order, whatever the spaces', () => {
    const seen: Seen = new Map();
    expect(typed('echo ada   r1', 0, seen)).toEqual([]);
    expect(typed('ls', 0, seen)).toEqual([]);
    expect(typed('cp a b', 0, seen)).toEqual(['run-1']);
  });
  it('counts by how it ended', () => {
    const seen: Seen = new Map();
    typed('echo ada r1', 0, seen);
    expect(typed('cp a b', 1, seen)).toEqual([]);
    expect(typed('ls /nowhere', 0)).toEqual([]);
    expect(typed('ls /nowhere', 2)).toEqual(['run-2']);
  });
  it('a pasted block is all of its lines', () => {
    expect(typed('cp a b\necho ada r1')).toEqual(['run-1']);
  });
});
