import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { HomePath, Id, isHomePath, Login, Port, Slug, StepId, TerminalName } from './names.ts';

const takes = (schema: { safeParse(v: unknown): { success: boolean } }, values: readonly unknown[]) =>
  values.filter((v) => !schema.safeParse(v).success);
const refuses = (schema: { safeParse(v: unknown): { success: boolean } }, values: readonly unknown[]) =>
  values.filter((v) => schema.safeParse(v).success);

describe('a path in the home', () => {
  it('may be the home, a file, hidden, with spaces and other scripts', () => {
    expect(takes(HomePath, ['', 'a.py', '.bashrc', 'dati/prova 1.csv', 'città/é'])).toEqual([]);
  });

  it('T31 is never absolute, upward, backslashed, doubled or with NUL', () => {
    const hostile = [
      '/',
      '/etc/passwd',
      '..',
      '../x',
      'a/../b',
      'a/..',
      './a',
      'a//b',
      'a/',
      'a\\..\\b',
      'a\0b',
      'x'.repeat(1025),
    ];
    expect(refuses(HomePath, hostile)).toEqual([]);
  });

  it('joined below a folder it never leaves it, whatever it is', () => {
    fc.assert(
      fc.property(fc.string(), (path) => {
        if (isHomePath(path))
          expect(
            new URL(`file:///home/x/${path.split('/').map(encodeURIComponent).join('/')}`).pathname,
          ).toMatch(/^\/home\/x\//);
      }),
    );
  });
});

describe('names', () => {
  it('of courses and lessons are DNS labels', () => {
    expect(takes(Slug, ['dask', '1-local-cluster', 'a', 'x'.repeat(60)])).toEqual([]);
    expect(refuses(Slug, ['', '-a', 'a-', 'A', 'a_b', 'a.b', 'x'.repeat(61), 'a/b'])).toEqual([]);
  });
  it('of steps may be longer', () => expect(takes(StepId, ['x'.repeat(100)])).toEqual([]));
  it('of people fit Rucio’s 25 characters', () => {
    expect(takes(Login, ['ada', 'st07', 'a'.repeat(25)])).toEqual([]);
    expect(refuses(Login, ['a'.repeat(26), '7st', 'Ada', 'a-b', ''])).toEqual([]);
  });
  it('of terminals are short', () => expect(refuses(TerminalName, ['', 'x'.repeat(33), 'a b'])).toEqual([]));
  it('ids are twenty characters of base32', () => {
    expect(takes(Id, ['abcdefghijklmnop2345'])).toEqual([]);
    expect(refuses(Id, ['abcdefghijklmnop234', 'abcdefghijklmnop2341', 'ABCDEFGHIJKLMNOP2345'])).toEqual([]);
  });
  it('T37 a previewed port is a number a learner’s program may have', () => {
    expect(takes(Port, [1024, 8787, 65535])).toEqual([]);
    expect(refuses(Port, [22, 1023, 65536, -1, 8787.5, '8787', '80@evil', '127.0.0.1:22'])).toEqual([]);
  });
});
