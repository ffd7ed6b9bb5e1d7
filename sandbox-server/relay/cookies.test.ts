import { describe, expect, it } from 'vitest';
import { cookiesWithout, onlyCookie } from './cookies.ts';

describe('one cookie', () => {
  it('is found among others', () => {
    expect(onlyCookie('a=1; __Host-palestra=x=y; b=2', '__Host-palestra')).toBe('x=y');
    expect(onlyCookie('__Host-palestra=x', '__Host-palestra')).toBe('x');
  });
  it.each([
    ['twice', '__Host-palestra=x; __Host-palestra=y'],
    ['twice and equal', '__Host-palestra=x;__Host-palestra=x'],
    ['once more without a space or with one too many', '__Host-palestra=x;  __Host-palestra =y'],
  ])('T12 is none where it stands %s', (_what, header) => {
    expect(onlyCookie(header, '__Host-palestra')).toBe(undefined);
  });
  it.each([
    undefined,
    '',
    ';;',
    '__host-palestra=x',
    'x__Host-palestra=x',
    '__Host-palestra',
    '=__Host-palestra=x',
  ])('is none in %s', (header) => {
    expect(onlyCookie(header, '__Host-palestra')).toBe(undefined);
  });
});

describe('cookies that pass on', () => {
  const ours = (name: string): boolean => name.startsWith('__Host-palestra');
  it('T38 leave out ours and keep the learner’s own', () => {
    expect(cookiesWithout('a=1; __Host-palestra=s; _xsrf=2|x; __Host-palestra-preview=t', ours)).toBe(
      'a=1; _xsrf=2|x',
    );
    expect(cookiesWithout('__Host-palestra=s', ours)).toBe(undefined);
    expect(cookiesWithout(undefined, ours)).toBe(undefined);
  });
});
