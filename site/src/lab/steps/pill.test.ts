import { describe, expect, it } from 'vitest';
import type { StepProgress } from '../../../../sandbox-server/contract/progress.ts';
import { announcement, duration, overall, pill } from './pill.ts';

const step = (more: Partial<StepProgress>): StepProgress => ({
  lesson: 'l',
  step: 's',
  state: 'todo',
  message: '',
  at: 0,
  tries: 0,
  hints: [],
  acted: [],
  ...more,
});
const waiting = (since: number, longer = false): Partial<StepProgress> => ({
  state: 'waiting',
  waiting: { since, atMost: 60, longer },
});

describe('a step’s pill', () => {
  it.each([
    [undefined, '○ to do'],
    [step({}), '○ to do'],
    [step({ state: 'checking' }), '◌ checking'],
    [step({ state: 'not-done' }), '✕ not done'],
    [step({ state: 'done' }), '✓ done'],
    [step({ state: 'skipped' }), '⤼ skipped'],
    [step(waiting(1000)), '◔ waiting · 9 s of at most 60 s'],
    [step(waiting(-200_000)), '◔ waiting · 60 s of at most 60 s'],
    [step(waiting(99_000)), '◔ waiting · 0 s of at most 60 s'],
    [step(waiting(-110_000, true)), '◔ waiting · longer than usual · 2 min'],
  ])('%#: %s', (progress, text) => {
    const { shape, word } = pill(progress, 10_000);
    expect(`${shape} ${word}`).toBe(text);
  });

  it('has a word and a shape of its own for each state', () => {
    const all = (['todo', 'checking', 'waiting', 'not-done', 'done', 'skipped'] as const).map((state) =>
      pill(step({ state }), 0),
    );
    expect(new Set(all.map((p) => p.word)).size).toBe(6);
    expect(new Set(all.map((p) => p.shape)).size).toBe(6);
  });
});

it('says durations', () => {
  expect([0, 9.4, 119, 120, 3600, 7500].map(duration)).toEqual([
    '0 s',
    '9 s',
    '119 s',
    '2 min',
    '60 min',
    '2 h 5 min',
  ]);
});

it('counts done and skipped, and finds the next step also when later ones are done', () => {
  const steps = [{ id: 'a' }, { id: 'b' }, { id: 'c' }];
  const progress = new Map([
    ['a', step({ state: 'skipped' })],
    ['c', step({ state: 'done' })],
  ]);
  expect(overall(steps, progress)).toEqual({ done: 2, all: 3, next: 'b' });
  expect(overall(steps, new Map(steps.map(({ id }) => [id, step({ state: 'done' })])))).toEqual({
    done: 3,
    all: 3,
    next: null,
  });
});

describe('what is announced', () => {
  it('says a change with the check’s own sentence', () => {
    expect(announcement('Upload', step({}), step({ state: 'done', message: 'One copy.' }))).toBe(
      'Upload: done. One copy.',
    );
    expect(
      announcement(
        'Upload',
        step({ state: 'not-done', message: 'a' }),
        step({ state: 'not-done', message: 'b' }),
      ),
    ).toBe('Upload: not done. b');
    expect(announcement('Upload', undefined, step(waiting(0)))).toBe('Upload: waiting.');
  });
  it('keeps quiet about seconds that pass and checks that begin', () => {
    expect(announcement('U', step(waiting(0)), step(waiting(0)))).toBeNull();
    expect(announcement('U', step({}), step({ state: 'checking' }))).toBeNull();
  });
});
