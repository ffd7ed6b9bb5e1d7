import { describe, expect, it } from 'vitest';
import { rungsOf, rungsOfSteps } from './rungs.ts';

describe('a course', () => {
  it('not begun has no rung filled and none that is next', () => {
    expect(rungsOf([{ done: 0, steps: 3 }], 3)).toEqual(['', '', '']);
  });
  it('begun shows what is next', () => {
    expect(rungsOf([{ done: 1, steps: 3 }], 3)).toEqual(['next', '', '']);
  });
  it('counts lessons, not steps: a half done lesson is not a rung', () => {
    const lessons = [3, 2, 0, 0].map((done) => ({ done, steps: 3 }));
    expect(rungsOf(lessons, 4)).toEqual(['done', 'next', '', '']);
  });
  it('done has all rungs filled, also where it has fewer lessons than rungs', () => {
    expect(rungsOf([{ done: 3, steps: 3 }], 3)).toEqual(['done', 'done', 'done']);
  });
  it('of more lessons than rungs fills one only when all it stands for is done', () => {
    const lessons = Array.from({ length: 16 }, (_, at) => ({ done: at < 3 ? 1 : 0, steps: 1 }));
    expect(rungsOf(lessons, 8)).toEqual(['done', 'next', '', '', '', '', '', '']);
  });
  it('without lessons, or with a lesson without steps, is not done', () => {
    expect(rungsOf([], 3)).toEqual(['', '', '']);
    expect(rungsOf([{ done: 0, steps: 0 }], 3)).toEqual(['', '', '']);
  });
});

describe('a lesson', () => {
  it('fills a rung a step', () => {
    expect(rungsOfSteps({ done: 2, steps: 4 }, 4)).toEqual(['done', 'done', 'next', '']);
  });
  it('never fills more than it has, whatever the server says', () => {
    expect(rungsOfSteps({ done: 9, steps: 4 }, 4)).toEqual(['done', 'done', 'done', 'done']);
  });
});
