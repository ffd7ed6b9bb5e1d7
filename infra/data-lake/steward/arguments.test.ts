import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { Duration, read, readArguments } from './arguments.ts';

describe('words of a verb', () => {
  it('are key=value, and a value may hold anything', () => {
    expect(readArguments(['element=CNAF_USERDISK', 'name=a=b c'])).toEqual({
      element: 'CNAF_USERDISK',
      name: 'a=b c',
    });
  });
  it.each(['element', '=x', 'Element=x', '-x=1'])('%s is none', (word) => {
    expect(() => readArguments([word])).toThrow(/key=value/);
  });
  it.each([
    ['10s', 10],
    ['2m', 120],
    ['1h', 3600],
    ['90', 90],
    ['0.5m', 30],
  ])('%s is %d seconds', (text, seconds) => expect(Duration.parse(text)).toBe(seconds));
  it.each(['soon', '-1s', '1d', ''])('"%s" is no time', (text) =>
    expect(Duration.safeParse(text).success).toBe(false),
  );
  it('one that is not known is named, and so is one that is missing', () => {
    expect(() => read({ hours: z.string() }, { hours: '1', minutes: '2' })).toThrow(/minutes/);
    expect(() => read({ hours: z.string() }, {})).toThrow(/hours/);
  });
});
