import { describe, expect, it } from 'vitest';
import fc from 'fast-check';
import { CLOSE } from '../constants.ts';
import { backOff } from './back-off.ts';
import { banner, nextLink, OPENING } from './link.ts';
import type { Link, LinkEvent } from './link.ts';

const closed = (code: number): LinkEvent => ({ type: 'closed', code, now: 1000, random: 0.5 });
const run = (...events: LinkEvent[]): Link => events.reduce(nextLink, OPENING);
const welcome: LinkEvent = { type: 'welcome', writer: true };

describe('a terminal’s link', () => {
  it('opens, is live, is cut, dials again and is live', () => {
    expect(run(welcome)).toEqual({ at: 'live', writer: true });
    expect(run(welcome, closed(1006))).toMatchObject({ at: 'cut', attempt: 1, retryAt: 1000 + 188 });
    expect(run(welcome, closed(1006), { type: 'dial' })).toEqual({ at: 'opening', attempt: 1 });
    expect(run(welcome, closed(1006), { type: 'dial' }, welcome)).toEqual({ at: 'live', writer: true });
  });

  it('waits longer with each failed try and begins anew after a good connection', () => {
    const dial: LinkEvent = { type: 'dial' };
    const thrice = run(closed(1006), dial, closed(1006), dial, closed(1006));
    expect(thrice).toMatchObject({ at: 'cut', attempt: 3, retryAt: 1000 + 750 });
    expect(run(closed(1006), dial, closed(1006), dial, welcome, closed(1006))).toMatchObject({ attempt: 1 });
  });

  it.each([
    [CLOSE.ended, 'over'],
    [CLOSE.revoked, 'over'],
    [CLOSE.limit, 'over'],
    [CLOSE.restarting, 'cut'],
    [CLOSE.badTicket, 'cut'],
    [CLOSE.agentLost, 'cut'],
    [1000, 'cut'],
    [1006, 'cut'],
    [1009, 'cut'],
    [1011, 'cut'],
  ])('after close code %i it is %s', (code, at) => {
    expect(run(welcome, closed(code)).at).toBe(at);
  });

  it('never leaves over', () => {
    const event = fc.oneof(
      fc.record({ type: fc.constant('welcome' as const), writer: fc.boolean() }),
      fc.record({ type: fc.constant('writer' as const), writer: fc.boolean() }),
      fc.record({ type: fc.constant('dial' as const) }),
      fc.record({
        type: fc.constant('closed' as const),
        code: fc.integer({ min: 1000, max: 4999 }),
        now: fc.nat(),
        random: fc.constant(0.3),
      }),
    );
    fc.assert(
      fc.property(fc.array(event), (events) => {
        expect(events.reduce<Link>(nextLink, { at: 'over', because: 'x' })).toEqual({
          at: 'over',
          because: 'x',
        });
      }),
    );
  });

  it('a refused ticket is final where trying again cannot help', () => {
    const refused = (code: 'not-found' | 'offline' | 'unavailable'): LinkEvent => ({
      type: 'refused',
      code,
      message: 'm',
      now: 0,
      random: 0,
    });
    expect(run(refused('not-found'))).toEqual({ at: 'over', because: 'm' });
    expect(run(refused('offline')).at).toBe('cut');
    expect(run(refused('unavailable')).at).toBe('cut');
  });

  it('a second closing of the same cut changes nothing', () => {
    const once = run(welcome, closed(1006));
    expect(nextLink(once, closed(1006))).toBe(once);
  });

  it('the banner says that the program runs on and that keys are not sent', () => {
    expect(banner(run(welcome), true)).toBeNull();
    expect(banner(OPENING, false)).toBeNull();
    const text = banner(run(welcome, closed(1006)), true);
    expect(text).toContain('runs on');
    expect(text).toContain('Keys typed now are not sent');
    expect(banner(run(welcome, closed(CLOSE.ended)), true)).toContain('Resume');
    expect(banner(run(welcome, closed(1006), { type: 'dial' }), true)).toContain('not sent');
  });
});

describe('back-off', () => {
  it('stays between half and all of its step, and below 15 s', () => {
    fc.assert(
      fc.property(
        fc.nat({ max: 1000 }),
        fc.double({ min: 0, max: 0.999, noNaN: true }),
        (attempt, random) => {
          const whole = Math.min(15_000, 250 * 2 ** Math.min(attempt, 30));
          const wait = backOff(attempt, random);
          expect(wait).toBeGreaterThanOrEqual(Math.floor(whole / 2));
          expect(wait).toBeLessThanOrEqual(whole);
        },
      ),
    );
  });
});
