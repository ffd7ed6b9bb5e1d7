import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  afterwards,
  FILE_STATES,
  isFinal,
  isUnderWay,
  jobState,
  mayBecome,
  spoken,
  type FileState,
  type JobType,
  type Standing,
} from './states.ts';

const files = (...states: readonly (readonly [number, FileState])[]): Standing[] =>
  states.map(([index, state]) => ({ index, state }));

describe('a file', () => {
  it('leaves no final state', () => {
    for (const to of FILE_STATES) expect(mayBecome(to).filter(isFinal)).toEqual([]);
    expect(FILE_STATES.filter(isFinal)).toEqual(['finished', 'failed', 'canceled', 'unused']);
  });
  it('goes round only by waiting again, which is a new attempt', () => {
    // without the arrows back to `waiting` nothing can be reached twice
    const forward = (from: FileState) =>
      FILE_STATES.filter((to) => mayBecome(to).includes(from) && !(to === 'waiting' && isUnderWay(from)));
    const seen = (from: FileState, path: readonly FileState[]): void => {
      expect(path).not.toContain(from);
      for (const to of forward(from)) seen(to, [...path, from]);
    };
    for (const state of FILE_STATES) seen(state, []);
  });
  it('that may have written is never simply canceled: what it left is removed first', () => {
    expect(mayBecome('canceled')).toEqual(['held', 'waiting', 'canceling']);
    expect(mayBecome('canceling')).toEqual(['preparing', 'copying']);
  });
  it('begins to write only after it was prepared', () => {
    expect(mayBecome('copying')).toEqual(['preparing']);
    expect(mayBecome('preparing')).toEqual(['waiting']);
  });
  it('is spoken of with the words that Rucio knows', () => {
    expect(FILE_STATES.map((state) => [state, spoken(state)])).toEqual([
      ['held', 'NOT_USED'],
      ['waiting', 'SUBMITTED'],
      ['preparing', 'ACTIVE'],
      ['copying', 'ACTIVE'],
      ['canceling', 'CANCELED'],
      ['finished', 'FINISHED'],
      ['failed', 'FAILED'],
      ['canceled', 'CANCELED'],
      ['unused', 'NOT_USED'],
    ]);
  });
});

describe('a job', () => {
  it.each<[string, Standing[], string]>([
    ['nothing has begun', files([0, 'waiting'], [1, 'waiting']), 'SUBMITTED'],
    ['one is under way', files([0, 'copying'], [1, 'waiting']), 'ACTIVE'],
    ['one is done, one waits', files([0, 'finished'], [1, 'waiting']), 'ACTIVE'],
    ['all are done', files([0, 'finished'], [1, 'finished']), 'FINISHED'],
    ['none is', files([0, 'failed'], [1, 'failed']), 'FAILED'],
    ['some are', files([0, 'finished'], [1, 'failed']), 'FINISHEDDIRTY'],
    ['it was canceled before it began', files([0, 'canceled']), 'CANCELED'],
    ['its copy is being ended', files([0, 'canceling']), 'CANCELED'],
    ['the first source failed and the next one waits', files([0, 'failed'], [0, 'waiting']), 'ACTIVE'],
    ['the second source served', files([0, 'failed'], [0, 'finished'], [0, 'unused']), 'FINISHED'],
    ['no source served', files([0, 'failed'], [0, 'failed']), 'FAILED'],
    ['a hop failed and those behind it are not used', files([0, 'failed'], [1, 'unused']), 'FAILED'],
  ])('where %s is %s', (_name, standing, state) => expect(jobState(standing)).toBe(state));

  it('is final exactly when no file can change any more, whatever its files do', () => {
    const standing = fc.array(
      fc.record({
        index: fc.nat(3),
        state: fc.constantFrom(...FILE_STATES.filter((s) => s !== 'canceling')),
      }),
      { minLength: 1, maxLength: 8 },
    );
    fc.assert(
      fc.property(standing, (some) => {
        const final = ['FINISHED', 'FAILED', 'FINISHEDDIRTY', 'CANCELED'].includes(jobState(some));
        // a source that is held beside one that served is on its way to `unused`
        const open = some.some(
          ({ index, state }) =>
            !isFinal(state) && !some.some((o) => o.index === index && o.state === 'finished'),
        );
        if (!open) expect(final).toBe(true);
        if (final) expect(open).toBe(false);
      }),
    );
  });
});

describe('after the end of a file', () => {
  it('a failed source wakes the next one of its own file, not of another', () => {
    const some = files([0, 'failed'], [0, 'held'], [0, 'held'], [1, 'waiting'], [1, 'held']);
    expect(afterwards('R', some, 0)).toEqual({ wake: [1], drop: [] });
  });
  it.each(['finished', 'canceled'] as const)('a %s one drops them', (state) => {
    expect(afterwards('R', files([0, state], [0, 'held'], [0, 'held'], [1, 'held']), 0)).toEqual({
      wake: [],
      drop: [1, 2],
    });
  });
  it('a hop that is done wakes the next, one that failed drops all', () => {
    expect(afterwards('H', files([0, 'finished'], [1, 'held'], [2, 'held']), 0)).toEqual({
      wake: [1],
      drop: [],
    });
    expect(afterwards('H', files([0, 'failed'], [1, 'held'], [2, 'held']), 0)).toEqual({
      wake: [],
      drop: [1, 2],
    });
  });
  it('every job ends, whatever fails: nothing is held for ever', () => {
    fc.assert(
      fc.property(
        fc.constantFrom<JobType>('N', 'R', 'H'),
        fc.array(fc.integer({ min: 1, max: 4 }), { minLength: 1, maxLength: 5 }),
        fc.infiniteStream(fc.constantFrom<FileState>('finished', 'failed', 'canceled')),
        (type, sources, fates) => {
          const counts = type === 'R' ? sources : sources.map(() => 1);
          let some = counts.flatMap((count, index) =>
            Array.from({ length: count }, (_, at): Standing => ({
              index,
              state: at > 0 || (type === 'H' && index > 0) ? 'held' : 'waiting',
            })),
          );
          for (let steps = 0; steps < 40; steps += 1) {
            const at = some.findIndex((file) => file.state === 'waiting');
            if (at === -1) break;
            some = some.with(at, { index: some[at]?.index ?? 0, state: fates.next().value as FileState });
            const { wake, drop } = afterwards(type, some, at);
            some = some.map((file, n) =>
              wake.includes(n)
                ? { ...file, state: 'waiting' }
                : drop.includes(n)
                  ? { ...file, state: 'unused' }
                  : file,
            );
          }
          expect(some.filter((file) => !isFinal(file.state))).toEqual([]);
        },
      ),
    );
  });
});
