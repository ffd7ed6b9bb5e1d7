import { expect, it } from 'vitest';
import { afterKey, bounded, readShare, TEXT } from './share.ts';

it('moves by keys within its bounds', () => {
  expect(afterKey('ArrowRight', 46, TEXT)).toBe(48);
  expect(afterKey('ArrowUp', 46, TEXT)).toBe(44);
  expect(afterKey('ArrowLeft', 25, TEXT)).toBe(24);
  expect(afterKey('Home', 46, TEXT)).toBe(24);
  expect(afterKey('End', 46, TEXT)).toBe(72);
  expect(afterKey('Enter', 46, TEXT)).toBeNull();
  expect(bounded(999, TEXT)).toBe(72);
});

it('reads what was remembered, or not', () => {
  expect(readShare('60', 46, TEXT)).toBe(60);
  expect(readShare('5', 46, TEXT)).toBe(24);
  for (const stored of [null, '', 'x', 'NaN', 'Infinity']) expect(readShare(stored, 46, TEXT)).toBe(46);
});
