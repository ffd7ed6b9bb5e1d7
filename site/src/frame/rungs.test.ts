import { describe, expect, it } from 'vitest';
import { rungsOf } from './rungs.ts';

describe('a wall bar', () => {
  it('of what was not begun has no rung filled and none that is next', () => {
    expect(rungsOf([{ done: 0, steps: 3 }], 3)).toEqual(['', '', '']);
  });
  it('of a lesson fills a rung a step, and shows what is next', () => {
    expect(rungsOf([{ done: 2, steps: 4 }], 4)).toEqual(['done', 'done', 'next', '']);
  });
  it('of a course counts the steps of all its lessons', () => {
    const lessons = [3, 1, 0].map((done) => ({ done, steps: 3 }));
    expect(rungsOf(lessons, 9).filter((rung) => rung === 'done')).toHaveLength(4);
  });
  it('that is done has all rungs filled, whatever their number', () => {
    expect(rungsOf([{ done: 3, steps: 3 }], 4)).toEqual(['done', 'done', 'done', 'done']);
  });
  it('never fills a rung before all it stands for is done', () => {
    expect(rungsOf([{ done: 15, steps: 16 }], 8).at(-1)).toBe('next');
  });
  it('never counts more steps than there are, whatever the server says', () => {
    expect(
      rungsOf(
        [
          { done: 9, steps: 4 },
          { done: 0, steps: 4 },
        ],
        4,
      ),
    ).toEqual(['done', 'done', 'next', '']);
  });
  it('without lessons, or of a lesson without steps, is not done', () => {
    expect(rungsOf([], 3)).toEqual(['', '', '']);
    expect(rungsOf([{ done: 0, steps: 0 }], 3)).toEqual(['', '', '']);
  });
});
