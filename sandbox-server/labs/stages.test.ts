import { describe, expect, it } from 'vitest';
import { advance, begin, finish, ordinal, ready } from './stages.ts';

describe('stages', () => {
  it('end one where the next begins, timed in seconds', () => {
    const stages = begin(begin([], 'kit', 'Preparing', 1000), 'claiming', 'Taking', 3500);
    expect(stages).toEqual([
      { name: 'kit', text: 'Preparing', at: 1000, seconds: 2.5 },
      { name: 'claiming', text: 'Taking', at: 3500 },
    ]);
  });
  it('the same stage again only changes its sentence', () => {
    expect(begin(begin([], 'queued', '3rd', 0), 'queued', '2nd', 9)).toEqual([
      { name: 'queued', text: '2nd', at: 0 },
    ]);
  });
  it('advance replaces the progress, or takes it away', () => {
    const far = advance(begin([], 'kit', 'a', 0), 'b', { done: 1, all: 2, unit: 'packages' });
    expect(far).toEqual([{ name: 'kit', text: 'b', at: 0, progress: { done: 1, all: 2, unit: 'packages' } }]);
    expect(advance(far, 'c', undefined)).toEqual([{ name: 'kit', text: 'c', at: 0 }]);
    expect(advance([], 'c', undefined)).toEqual([]);
  });
  it('ready says how long all of it took', () => {
    expect(ready(begin([], 'claiming', 'a', 1000), 1420).at(-1)).toEqual({
      name: 'ready',
      text: 'Ready in 0.4 s',
      at: 1420,
      seconds: 0,
    });
    expect(ready([], 5)).toHaveLength(1);
  });
  it('finish leaves a finished list alone; a clock that went back gives 0, not less', () => {
    const done = finish(begin([], 'a', 'a', 1000), 900);
    expect(done[0]?.seconds).toBe(0);
    expect(finish(done, 5000)).toEqual(done);
  });
  it('is bounded', () => {
    let stages = begin([], 'x', 'x', 0);
    for (let i = 0; i < 500; i += 1) stages = begin(stages, `s${String(i)}`, 't', i);
    expect(stages.length).toBeLessThanOrEqual(40);
  });
  it.each([
    [1, '1st'],
    [2, '2nd'],
    [3, '3rd'],
    [4, '4th'],
    [11, '11th'],
    [12, '12th'],
    [13, '13th'],
    [21, '21st'],
    [112, '112th'],
  ])('%i is %s', (n, said) => {
    expect(ordinal(n)).toBe(said);
  });
});
