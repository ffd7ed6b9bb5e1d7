import { expect, it } from 'vitest';
import { shownThrough } from './inside.ts';

it('folders of ours below one that the box covers are named, since they would be hidden', () => {
  expect(shownThrough({ root: '/home/ada/.palestra/cluster', cache: '/home/ada/.cache/palestra' })).toEqual(
    [],
  );
  expect(shownThrough({ root: '/var/lib/palestra/cluster', cache: '/run/cache' })).toEqual([
    '/var/lib/palestra/cluster',
    '/run/cache',
  ]);
  expect(shownThrough({ root: '/variety/lib', cache: '/runner' })).toEqual([]);
});
