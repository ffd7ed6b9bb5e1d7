import { describe, expect, it } from 'vitest';
import type { Course } from '../../../sandbox-server/contract/lesson.ts';
import { byLength, counted, lasting, lengthOf, nextLesson, sidebarOf, translatedSidebarOf } from './outline.ts';

describe('lasting', () => {
  it.each([
    [1, '1 min'],
    [59, '59 min'],
    [60, '1 h'],
    [80, '1 h 20 min'],
    [120, '2 h'],
    [179, '2 h 59 min'],
    [180, '3 h'],
    [200, '3.5 h'],
    [254, '4 h'],
  ])('%i minutes are %s', (minutes, wanted) => {
    expect(lasting(minutes)).toBe(wanted);
  });
});

describe('counted', () => {
  it.each([
    [0, '0 lessons'],
    [1, '1 lesson'],
    [2, '2 lessons'],
  ])('%i: %s', (n, wanted) => {
    expect(counted(n, 'lesson')).toBe(wanted);
  });
});

const course = {
  id: 'dask',
  title: 'Dask',
  lessons: [
    { course: 'dask', id: '1-a', title: 'A', minutes: 30 },
    { course: 'dask', id: '2-b', title: 'B', minutes: 45 },
  ],
} as unknown as Course;

describe('a course', () => {
  it('says how many lessons and how long', () => {
    expect(lengthOf(course)).toBe('2 lessons · 1 h 15 min');
    expect(lengthOf({ lessons: [] })).toBe('0 lessons · 0 min');
  });
  it('has a sidebar of its own lessons and nothing else', () => {
    expect(sidebarOf(course)).toEqual([
      {
        label: 'Dask',
        items: [
          { label: 'About this course', link: '/courses/dask/' },
          { label: 'A', link: '/courses/dask/1-a/' },
          { label: 'B', link: '/courses/dask/2-b/' },
        ],
      },
    ]);
  });
  it('has in another language a sidebar of what is written in it', () => {
    const titles = new Map([
      ['dask/2-b', 'La B'],
      ['other/1-a', 'Altra'],
    ]);
    expect(translatedSidebarOf(course, titles)).toEqual([
      { label: 'Dask', items: [{ label: 'La B', link: '/courses/dask/2-b/' }] },
    ]);
  });
  it('knows the lesson after one, and that there is none after the last or after a stranger', () => {
    expect(nextLesson(course, { id: '1-a' })?.id).toBe('2-b');
    expect(nextLesson(course, { id: '2-b' })).toBeUndefined();
    expect(nextLesson(course, { id: 'no' })).toBeUndefined();
  });
});

describe('where to begin', () => {
  it('is with the shortest course, then by title', () => {
    const of = (title: string, minutes: number) => ({ title, lessons: [{ minutes }] }) as unknown as Course;
    const given = [of('Long', 90), of('B', 10), of('A', 10)];
    expect(byLength(given).map(({ title }) => title)).toEqual(['A', 'B', 'Long']);
    expect(given[0]?.title).toBe('Long');
  });
});
