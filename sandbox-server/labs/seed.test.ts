import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { seedFor } from './seed.ts';

const name = fc.stringMatching(/^[a-z0-9-]{1,20}$/);

describe('seed', () => {
  it('is 16 hex digits, the same for ever, another for another secret', () => {
    expect(seedFor('secret', 'ada', 'dask')).toMatch(/^[0-9a-f]{16}$/);
    expect(seedFor('secret', 'ada', 'dask')).toBe(seedFor('secret', 'ada', 'dask'));
    expect(seedFor('other', 'ada', 'dask')).not.toBe(seedFor('secret', 'ada', 'dask'));
  });
  it('T30 a-b + c is not a + b-c: no two pairs of person and course share one', () => {
    expect(seedFor('s', 'a-b', 'c')).not.toBe(seedFor('s', 'a', 'b-c'));
    fc.assert(
      fc.property(name, name, name, name, (p, c, q, d) => {
        fc.pre(p !== q || c !== d);
        expect(seedFor('s', p, c)).not.toBe(seedFor('s', q, d));
      }),
    );
  });
});
