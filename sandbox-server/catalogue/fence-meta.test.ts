import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { seconds } from './duration.ts';
import { parseMeta } from './fence-meta.ts';
import { stepId } from './step-id.ts';

const read = (meta: string) => {
  const { words, options, unreadable } = parseMeta(meta);
  return { words, options: { ...options }, unreadable };
};

describe('the words after a language', () => {
  it('are words and options', () => {
    expect(read('run fails  terminal=a until="test -f \'x y\'" at=\'say "hi"\' ')).toEqual({
      words: ['run', 'fails'],
      options: { terminal: 'a', until: "test -f 'x y'", at: 'say "hi"' },
      unreadable: null,
    });
    expect(read('check timeout=10s already=""')).toEqual({
      words: ['check'],
      options: { timeout: '10s', already: '' },
      unreadable: null,
    });
    expect(read('')).toEqual({ words: [], options: {}, unreadable: null });
  });
  it.each(['run "x"', 'run a="b', "run a='b", 'run a=', 'run =b', 'run a="b"c', 'run {1}', 'run a=1 a=2'])(
    'cannot all be read in %s',
    (meta) => {
      expect(read(meta).unreadable).not.toBeNull();
    },
  );
  it('may name any key without harm', () => {
    expect(read('run constructor=y toString=z').options).toEqual({ constructor: 'y', toString: 'z' });
    expect(read('run __proto__=x').unreadable).toBe('__proto__=x');
  });
  it('never throw, whatever they are', () => {
    fc.assert(fc.property(fc.string({ unit: 'binary', maxLength: 200 }), (meta) => void parseMeta(meta)));
  });
});

describe('a duration', () => {
  it.each([
    ['1s', 1],
    ['90s', 90],
    ['2m', 120],
    ['1h', 3600],
  ] as const)('%s is %i seconds', (text, value) => expect(seconds(text)).toBe(value));
  it.each(['', '0s', '10', 's', '1.5s', '-1s', '61m', '2h', '1d', '10 s', '999999999999s'])(
    '%s is none',
    (text) => expect(seconds(text)).toBeNull(),
  );
});

describe('a step id', () => {
  it.each([
    ['Look first', 'look-first'],
    ['Ask for a copy at `Napoli`?', 'ask-for-a-copy-at-napoli'],
    ['Perché – è così', 'perche-e-cosi'],
    ['  --a--b  ', 'a-b'],
    ['日本', ''],
    ['x'.repeat(200), 'x'.repeat(100)],
  ])('of %s is %s', (title, id) => expect(stepId(title)).toBe(id));
  it('is always one the contract takes, or nothing', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (title) =>
        /^([a-z0-9](?:[a-z0-9-]{0,98}[a-z0-9])?)?$/.test(stepId(title)),
      ),
    );
  });
});
