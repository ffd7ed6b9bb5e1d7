import { expect, it } from 'vitest';
import { reused } from './exchange.ts';

it.each([
  ['nothing changed', 'abc', 'abc', [0, 1, 2]],
  ['one part changed', 'abc', 'axc', [0, null, 2]],
  ['one came', 'abc', 'abxc', [0, 1, null, 2]],
  ['one came that is like its neighbour', 'aa', 'aaa', [0, 1, null]],
  ['some came before what stays, and some after', 'abc', 'xaybzc', [null, 0, null, 1, null, 2]],
  ['one went', 'abc', 'ac', [0, 2]],
  ['two changed places', 'abc', 'bac', [1, 0, 2]],
  ['all is new', 'ab', 'xy', [null, null]],
  ['all went', 'abc', '', []],
])('%s', (_what, before, after, from) => expect(reused([...before], [...after])).toEqual(from));
