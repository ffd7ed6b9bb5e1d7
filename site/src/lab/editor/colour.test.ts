import { expect, it } from 'vitest';
import { sixDigits } from './colour.ts';

it('writes a colour as Monaco takes it', () => {
  expect(['#fff', '#1aF', '#16202e', '#16202e80', ''].map(sixDigits)).toEqual([
    '#ffffff',
    '#11aaFF',
    '#16202e',
    '#16202e80',
    '',
  ]);
});
