import { describe, expect, it } from 'vitest';
import { median, onClock, onCookie, onLatency, onServer, onSocket, onStream, summary } from './verdicts.ts';

describe('the verdicts of /check', () => {
  it('say of a page without a server that it can be read, and that labs do not start', () => {
    expect(onServer(true).ok).toBe(true);
    expect(onServer(false)).toMatchObject({
      ok: false,
      text: expect.stringMatching(/static edition.*can be read/) as string,
    });
  });
  it('tell a learner without cookies what to do', () => {
    expect(onCookie(true).ok).toBe(true);
    expect(onCookie(false).text).toMatch(/Allow cookies/);
  });
  it.each([
    ['echoed', true, /terminals will work/],
    ['refused', false, /could not be opened.*proxy/],
    ['silent', false, /nothing came back.*proxy/],
  ] as const)('a socket that was %s', (outcome, ok, text) => {
    const verdict = onSocket(outcome);
    expect(verdict.ok).toBe(ok);
    expect(verdict.text).toMatch(text);
  });
  it.each([
    [[], false, /brings nothing/],
    [[40], false, /brings nothing/],
    [[900, 905, 910], false, /one heap/],
    [[20, 320, 620], true, /as they happen/],
  ])('events at %j ms', (arrivals, ok, text) => {
    const verdict = onStream(arrivals);
    expect(verdict.ok).toBe(ok);
    expect(verdict.text).toMatch(text);
  });
  it.each([
    [0, true, /agrees/],
    [60_000, true, /agrees/],
    [-60_000, true, /agrees/],
    [61_000, false, /1 min ahead of/],
    [-600_000, false, /10 min behind/],
    [3 * 3_600_000, false, /3 h ahead of/],
  ])('F18 a clock %i ms off', (ahead, ok, text) => {
    const verdict = onClock(ahead);
    expect(verdict.ok).toBe(ok);
    expect(verdict.text).toMatch(text);
  });
  it.each([
    [[], false, /not known/],
    [[3, 4, 900], true, /4 ms: typing will feel immediate/],
    [[200, 200], true, /may notice/],
    [[500, 700], false, /600 ms.*lag.*nothing typed is lost/],
  ])('round trips of %j ms', (times, ok, text) => {
    const verdict = onLatency(times);
    expect(verdict.ok).toBe(ok);
    expect(verdict.text).toMatch(text);
  });
  it('are summed up in one line', () => {
    expect(summary([onServer(true), onCookie(true)])).toEqual({
      ok: true,
      text: 'All is well: labs will work here.',
    });
    expect(summary([onServer(true), onCookie(false)]).text).toMatch(/^One thing/);
    expect(summary([onCookie(false), onSocket('silent')]).text).toMatch(/^2 things/);
  });
});

describe('median', () => {
  it.each([
    [[], 0],
    [[7], 7],
    [[1, 9], 5],
    [[30, 1, 2], 2],
  ])('of %j is %i', (numbers, wanted) => {
    expect(median(numbers)).toBe(wanted);
  });
  it('leaves its input as it was', () => {
    const numbers = [3, 1, 2];
    median(numbers);
    expect(numbers).toEqual([3, 1, 2]);
  });
});
