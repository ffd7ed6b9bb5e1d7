import { describe, expect, it } from 'vitest';
import fc from 'fast-check';
import { printable, withoutControls } from './printable.ts';

const CONTROL = /[\u0000-\u001f\u007f-\u009f\u2028\u2029\u202a-\u202e\u2066-\u2069]/;

describe('printable', () => {
  it('leaves ordinary text alone, also accents and emoji pairs', () => {
    expect(printable('Città: 3 file, 🎓')).toBe('Città: 3 file, 🎓');
  });
  it('T66 shows escape sequences instead of obeying them', () => {
    expect(printable('\u001b[2Jgone\r\n')).toBe('\\x1b[2Jgone\\x0d\\x0a');
    expect(printable('\u202eevil')).toBe('\\u202eevil');
    expect(printable('\ud800x')).toBe('\\ud800x');
  });
  it('cuts to the bound, ellipsis included, never inside a pair', () => {
    expect(printable('x'.repeat(50), 10)).toBe(`${'x'.repeat(9)}…`);
    expect(printable('🎓'.repeat(10), 4)).toBe('🎓…');
  });
  it('T66 any text comes out within its bound and without controls', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: 'binary', maxLength: 300 }),
        fc.integer({ min: 2, max: 200 }),
        (text, max) => {
          const out = printable(text, max);
          expect(out.length).toBeLessThanOrEqual(max);
          expect(out).not.toMatch(CONTROL);
        },
      ),
    );
  });
  it('does bounded work on 64 MB', () => {
    expect(printable('\u0007'.repeat(64 * 1024 * 1024), 20).length).toBeLessThanOrEqual(20);
  });
});

describe('withoutControls', () => {
  it('drops what a name may not hold', () => {
    expect(withoutControls(' Ada\u001b[31m\n Lovelace ')).toBe('Ada[31m Lovelace');
    expect(withoutControls('y'.repeat(300), 100)).toHaveLength(100);
  });
});
