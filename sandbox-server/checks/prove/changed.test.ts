import { describe, expect, it } from 'vitest';
import { course, lesson } from '../../labs/testing/courses.ts';
import { changedLessons } from './changed.ts';

const needs = (more: object) => ({ ...lesson('x', []).needs, ...more });
const courses = [
  course(
    [
      lesson('1-a', [], { needs: needs({ services: ['data-lake'] }) }),
      lesson('2-b', [], { needs: needs({ after: ['1-a'], kit: 'dask' }) }),
      lesson('3-c', []),
    ],
    { id: 'lake' },
  ),
  course([lesson('1-a', [])], { id: 'lake-too' }),
];
const changed = (...files: string[]) => changedLessons(courses, files);

describe('a change touches', () => {
  it('a lesson and those that build on it, not its neighbours', () => {
    expect(changed('courses/lake/1-a/lesson.md')).toEqual(['lake/1-a', 'lake/2-b']);
    expect(changed('courses/lake/2-b/files/x.py')).toEqual(['lake/2-b']);
  });
  it('all lessons of a course whose fixtures or settings differ', () => {
    expect(changed('courses/lake/fixtures/lake.sh')).toEqual(['lake/1-a', 'lake/2-b', 'lake/3-c']);
    expect(changed('courses/lake-too/course.yaml')).toEqual(['lake-too/1-a']);
  });
  it('what uses a kit or a service', () => {
    expect(changed('infra/kits/dask/requirements.lock')).toEqual(['lake/2-b']);
    expect(changed('infra/data-lake/up.ts')).toEqual(['lake/1-a', 'lake/2-b']);
    expect(changed('infra/kits/uv.lock')).toHaveLength(4);
  });
  it('nothing else', () => {
    expect(changed('README.md', 'courses/other/1-a/lesson.md', 'infra/kits/daskette/kit.yaml')).toEqual([]);
  });
});
