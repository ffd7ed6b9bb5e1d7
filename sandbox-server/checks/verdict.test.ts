import { describe, expect, it } from 'vitest';
import fc from 'fast-check';
import type { RunResult } from '../contract/agent.ts';
import { verdict } from './verdict.ts';

const place = { file: 'courses/dask/1-local-cluster/lesson.md', line: 42 };
const once = { place, timeout: 10, waits: undefined };
const waits = { place, timeout: 10, waits: 90 };
const ran = (exit: number, stdout: string, more: Partial<RunResult> = {}): RunResult => ({
  exit,
  stdout,
  stderr: '',
  ms: 5,
  timedOut: false,
  ...more,
});

describe('verdict: how it ended', () => {
  it('0 is done, with the last plain line as the message', () => {
    expect(verdict(ran(0, 'looking\nTwo workers are up.\n'), once)).toEqual({
      state: 'done',
      message: 'Two workers are up.',
      hints: [],
      facts: {},
    });
  });
  it.each([1, 2, 76, 126, 127, 137])('%i is not done', (exit) => {
    expect(verdict(ran(exit, 'Not yet there.'), once).state).toBe('not-done');
  });
  it('75 is not yet where the check waits', () => {
    const said = verdict(ran(75, 'progress 1 3 files\nStill copying.\n'), waits);
    expect(said).toMatchObject({
      state: 'not-yet',
      message: 'Still copying.',
      progress: { done: 1, all: 3, unit: 'files' },
    });
  });
  it('75 without waits is an error naming file and line', () => {
    const said = verdict(ran(75, 'Still copying.'), once);
    expect(said.state).toBe('error');
    expect(said.message).toContain('courses/dask/1-local-cluster/lesson.md:42');
    expect(said.message).toContain('waits=');
  });
  it('silence is an error, whatever the exit status, and quotes the last error line', () => {
    for (const exit of [0, 1, 127])
      expect(
        verdict(ran(exit, '\n  \n', { stderr: 'a\nbash: line 3: jq: command not found\n' }), once),
      ).toMatchObject({
        state: 'error',
        message: expect.stringMatching(/lesson\.md:42 said nothing .*jq: command not found/) as string,
      });
  });
  it('lines that only speak to Palestra are silence to a learner', () => {
    expect(verdict(ran(1, 'hint a\nfact x=1\nprogress 1 2 files\n'), once).state).toBe('error');
  });
  it('past its timeout is an error, also when it spoke', () => {
    const said = verdict(ran(124, 'Looking…', { timedOut: true }), once);
    expect(said).toMatchObject({
      state: 'error',
      message: expect.stringContaining('stopped after 10 s') as string,
    });
  });
});

describe('verdict: what it printed', () => {
  it('collects hints and facts, the last fact of a name wins', () => {
    const said = verdict(
      ran(1, 'hint no-lifetime\nfact rule=12 34\nhint no-lifetime\nhint other\nfact rule=ab=c\nNo.'),
      once,
    );
    expect(said.hints).toEqual(['no-lifetime', 'other']);
    expect(said.facts).toEqual({ rule: 'ab=c' });
  });
  it.each([
    'hint',
    'hint Two Words',
    'fact =x',
    'fact 1a=x',
    'progress x y z',
    'progress 1 0 files',
    'msg',
    'msg !',
  ])('takes the malformed line %j as plain text', (line) => {
    expect(verdict(ran(1, line), once)).toMatchObject({
      state: 'not-done',
      message: line,
      hints: [],
      facts: {},
    });
  });
  it('never lets progress pass its end', () => {
    expect(verdict(ran(75, 'progress 9 3 files\nw'), waits).progress).toEqual({
      done: 3,
      all: 3,
      unit: 'files',
    });
  });
  it('a fact named like a property of objects stays a fact', () => {
    const said = verdict(ran(0, 'fact constructor=x\nok'), once);
    expect(Object.entries(said.facts)).toEqual([['constructor', 'x']]);
  });
});

describe('verdict: messages by id', () => {
  const messages = { 'no-rule': { it: 'Nessuna regola chiede {0} ({1}).' }, hi: { en: 'Hello {0} {1}.' } };
  const printed = 'msg no-rule "NAPOLI DISK" lab.v1\nNo rule asks for it.';
  it('speaks the learner’s language where a sentence stands for it', () => {
    expect(verdict(ran(1, printed), once, messages, 'it').message).toBe(
      'Nessuna regola chiede NAPOLI DISK (lab.v1).',
    );
  });
  it('otherwise the plain line speaks', () => {
    expect(verdict(ran(1, printed), once, messages, 'en').message).toBe('No rule asks for it.');
  });
  it('an English sentence by id alone is enough; a missing argument stays visible', () => {
    expect(verdict(ran(0, 'msg hi Ada'), once, messages, 'it').message).toBe('Hello Ada {1}.');
  });
  it('an id that stands nowhere is an error that names it', () => {
    expect(verdict(ran(0, 'msg constructor'), once, messages)).toMatchObject({ state: 'error' });
    expect(verdict(ran(0, 'msg nope'), once, messages).message).toContain("'nope'");
  });
});

describe('verdict: hostile output', () => {
  it('T66 escapes control characters in messages, facts and units', () => {
    const said = verdict(
      ran(75, 'fact a=\u001b]0;x\u0007\nprogress 1 2 \u001b[2J\n\u001b[31mred\u202e'),
      waits,
    );
    expect(said.message).toBe('\\x1b[31mred\\u202e');
    expect(said.facts['a']).toBe('\\x1b]0;x\\x07');
    expect(said.progress?.unit).toBe('\\x1b[2J');
  });
  it('T66 is bounded in every part', () => {
    const flood = Array.from(
      { length: 4000 },
      (_, i) => `hint h${String(i)}\nfact f${String(i)}=${'x'.repeat(5)}`,
    ).join('\n');
    const said = verdict(ran(1, `${flood}\n${'m'.repeat(60_000)}`), once);
    expect(said.hints.length).toBeLessThanOrEqual(16);
    expect(Object.keys(said.facts).length).toBeLessThanOrEqual(50);
    expect(said.message.length).toBeLessThanOrEqual(2000);
  });
  it('never throws, always says something', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: 'binary' }),
        fc.string({ unit: 'binary' }),
        fc.integer({ min: 0, max: 255 }),
        (stdout, stderr, exit) => {
          const said = verdict(ran(exit, stdout, { stderr }), waits, { a: { en: 'x' } });
          expect(said.message.length).toBeGreaterThan(0);
          expect(said.message.length).toBeLessThanOrEqual(2000);
        },
      ),
    );
  });
});
