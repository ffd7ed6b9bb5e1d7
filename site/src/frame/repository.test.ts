import { describe, expect, it } from 'vitest';
import { editAddress, sourceOf } from './repository.ts';

describe('sourceOf', () => {
  it.each([
    [{ repository: 'https://git.example/a/b' }, 'https://git.example/a/b'],
    [{ repository: { type: 'git', url: 'git+https://git.example/a/b.git' } }, 'https://git.example/a/b'],
    [{ repository: 'https://git.example/a/b/' }, 'https://git.example/a/b'],
    [{ repository: 'git@git.example:a/b.git' }, undefined],
    [{ repository: 'javascript:alert(1)' }, undefined],
    [{ repository: 7 }, undefined],
    [{ repository: null }, undefined],
    [{}, undefined],
  ])('%j is read at %j', (described, wanted) => {
    expect(sourceOf(described)).toBe(wanted);
  });
});

describe('editAddress', () => {
  it('names the file on the main branch', () => {
    expect(editAddress('courses/x/1/lesson.md', 'https://git.example/a/b')).toBe(
      'https://git.example/a/b/edit/main/courses/x/1/lesson.md',
    );
  });
  it('is no link where the source is not known', () => {
    expect(editAddress('x', undefined)).toBe(sourceOf({}) === undefined ? editAddress('x') : false);
  });
});
