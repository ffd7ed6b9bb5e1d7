import { expect, it } from 'vitest';
import { standsAt, wayTo } from './way.ts';

it('stands at the first step that is not over, or past the last', () => {
  expect(standsAt(['done', 'skipped', 'not-done', 'todo'])).toBe(2);
  expect(standsAt(['done', 'skipped'])).toBe(2);
  expect(standsAt([])).toBe(0);
});

it('leads forward over steps that are not over, back over what was begun', () => {
  expect([0, 1, 2, 3].map((to) => wayTo(['done', 'todo', 'todo'], to))).toEqual([
    'back',
    'here',
    'forward',
    'forward',
  ]);
  expect(wayTo(['done', 'not-done', 'todo'], 1)).toBe('back');
  expect(wayTo(['done', 'todo', 'done'], 2)).toBe('forward');
  expect(wayTo(['done', 'done'], 2)).toBe('here');
});
