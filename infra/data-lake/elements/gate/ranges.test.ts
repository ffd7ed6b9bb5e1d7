import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fitRange } from './ranges.ts';

describe('parts of a file of 10 bytes', () => {
  it.each([
    ['bytes=0-3', 'bytes=0-3'],
    ['bytes=7-', 'bytes=7-9'],
    ['bytes=0-', 'bytes=0-9'],
    ['bytes=-3', 'bytes=7-9'],
    ['bytes=-30', 'bytes=0-9'],
    ['bytes=7-99', 'bytes=7-9'],
    ['bytes=0-1, 8-20', 'bytes=0-1,8-9'],
    ['bytes=0-1,20-30', 'bytes=0-1'],
    ['BYTES = 1-2', 'bytes=1-2'],
  ])('%s is %s', (header, value) => expect(fitRange(header, 10)).toEqual({ kind: 'parts', value }));
  it.each(['bytes=10-', 'bytes=20-30', 'bytes=-0', 'bytes=10-11,12-'])('%s is beyond it', (header) =>
    expect(fitRange(header, 10)).toEqual({ kind: 'unsatisfiable' }),
  );
  it.each([
    '',
    'bytes',
    'bytes=',
    'bytes=-',
    'bytes=3-1',
    'bytes=a-b',
    'lines=1-2',
    'bytes=1-2,x',
    'bytes=1-2-3',
  ])('%j is no range: the whole file', (header) => expect(fitRange(header, 10)).toEqual({ kind: 'whole' }));
  it('of an empty file there is none', () => {
    for (const header of ['bytes=0-', 'bytes=-1', 'bytes=0-0'])
      expect(fitRange(header, 0)).toEqual({ kind: 'unsatisfiable' });
  });
  it('T65 whatever is asked, what XRootD is asked lies in the file', () => {
    fc.assert(
      fc.property(fc.stringMatching(/^[-0-9, ]{0,30}$/), fc.nat(50), (text, size) => {
        const fitted = fitRange(`bytes=${text}`, size);
        if (fitted.kind !== 'parts') return;
        for (const part of fitted.value.slice(6).split(',')) {
          const [from = -1, to = -1] = part.split('-').map(Number);
          expect(from >= 0 && from <= to && to < size).toBe(true);
        }
      }),
    );
  });
});
