import { describe, expect, it } from 'vitest';
import type { Lesson } from '../contract/lesson.ts';
import { lessonsBefore, lessonsToReplay } from './needed-lessons.ts';
import { course, lesson } from './testing/courses.ts';

const after = (id: string, ...ids: string[]): Lesson => {
  const l = lesson(id, []);
  return { ...l, needs: { ...l.needs, after: ids } };
};
const tiny = course([after('a'), after('b', 'a'), after('c', 'b'), after('d', 'c', 'a')]);
const find = (id: string) => tiny.lessons.find((l) => l.id === id) ?? lesson('none', []);
const ids = (lessons: readonly Lesson[]) => lessons.map((l) => l.id);

describe('lessonsBefore', () => {
  it('is all of after and theirs, in the course’s order, each once', () => {
    expect(ids(lessonsBefore(tiny, find('d')))).toEqual(['a', 'b', 'c']);
    expect(ids(lessonsBefore(tiny, find('a')))).toEqual([]);
  });
  it('ends in a cycle', () => {
    const round = course([after('a', 'b'), after('b', 'a')]);
    expect(ids(lessonsBefore(round, round.lessons[0] ?? find('a')))).toEqual(['b']);
  });
});

describe('lessonsToReplay', () => {
  const before = lessonsBefore(tiny, find('d'));
  it('asked for: whatever the home lacks', () => {
    expect(lessonsToReplay(before, new Set(['a']), () => false, true)).toEqual(['b', 'c']);
  });
  it('not asked for: only what they had done with a home that is gone', () => {
    expect(lessonsToReplay(before, new Set(), (l) => l.id === 'a', false)).toEqual(['a']);
    expect(lessonsToReplay(before, new Set(['a']), (l) => l.id === 'a', false)).toEqual([]);
  });
});
