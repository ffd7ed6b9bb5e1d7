import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { Problem } from '../contract/errors.ts';
import type { Tokens } from '../contract/agent.ts';
import { silentLog } from '../telemetry/index.ts';
import { createTokenRenewal, renewIn, tokenNames } from './token-renewal.ts';

const MINUTE = 60_000;
const need = { audience: 'rucio', scope: 'openid' };

function desk() {
  const given: Tokens[] = [];
  const warnings: string[] = [];
  const provider = { life: 20 * MINUTE, fails: null as Problem | null };
  const renewal = createTokenRenewal({
    identity: {
      sandboxToken: () =>
        provider.fails
          ? Promise.reject(provider.fails)
          : Promise.resolve({ token: `t${String(given.length)}`, expiresAt: Date.now() + provider.life }),
    },
    clock: Date.now,
    log: silentLog(),
    onChange: () => undefined,
    onWarning: (_lab, text) => warnings.push(text),
  });
  const agent = { tokens: (tokens: Tokens) => Promise.resolve(void given.push(tokens)) };
  return { given, warnings, provider, renewal, to: { lab: 'lab', person: 'ada', agent } };
}

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

describe('renewal', () => {
  it('gives at once and again well before the end, for ever', async () => {
    const d = desk();
    await d.renewal.give(d.to, [need]);
    expect(d.given).toHaveLength(1);
    await vi.advanceTimersByTimeAsync(11 * MINUTE);
    expect(d.given).toHaveLength(1);
    await vi.advanceTimersByTimeAsync(5 * MINUTE);
    expect(d.given).toHaveLength(2);
    await vi.advanceTimersByTimeAsync(120 * MINUTE);
    expect(d.given.length).toBeGreaterThanOrEqual(9);
    expect(d.renewal.state('lab')).toEqual({ expiresAt: expect.any(Number) as number, renews: true });
  });

  it('no needs, no token, no timer', async () => {
    const d = desk();
    await d.renewal.give(d.to, []);
    expect(d.renewal.state('lab')).toBeNull();
    expect(vi.getTimerCount()).toBe(0);
  });

  it('a failed renewal warns once, says so, tries again, and is well again once it may', async () => {
    const d = desk();
    await d.renewal.give(d.to, [need]);
    const until = d.renewal.state('lab')?.expiresAt;
    d.provider.fails = new Problem('sign-in-again', 'no');
    await vi.advanceTimersByTimeAsync(25 * MINUTE);
    expect(d.warnings).toEqual([expect.stringContaining('Sign in again')]);
    expect(d.renewal.state('lab')).toEqual({ expiresAt: until, renews: false });
    d.provider.fails = null;
    await vi.advanceTimersByTimeAsync(2 * MINUTE);
    expect(d.renewal.state('lab')).toMatchObject({ renews: true });
    expect(d.given).toHaveLength(2);
  });

  it('the first that cannot be had is the caller’s failure, and nothing keeps trying', async () => {
    const d = desk();
    d.provider.fails = new Problem('forbidden', 'no exchange');
    await expect(d.renewal.give(d.to, [need])).rejects.toThrow('no exchange');
    expect(d.renewal.state('lab')).toBeNull();
    expect(vi.getTimerCount()).toBe(0);
  });

  it('after stop nothing is given any more, also from a renewal under way', async () => {
    const d = desk();
    await d.renewal.give(d.to, [need]);
    const under = d.renewal.resume(d.to, [need]);
    d.renewal.stop('lab');
    await under;
    await vi.advanceTimersByTimeAsync(60 * MINUTE);
    expect(d.given).toHaveLength(1);
    expect(vi.getTimerCount()).toBe(0);
  });

  it('close ends every timer', async () => {
    const d = desk();
    await d.renewal.give(d.to, [need]);
    await d.renewal.give({ ...d.to, lab: 'other' }, [need]);
    d.renewal.close();
    expect(vi.getTimerCount()).toBe(0);
  });
});

describe('when', () => {
  it('is at 60 to 75 % of what is left, at random', () => {
    expect(renewIn(100_000, 0)).toBe(60_000);
    expect(renewIn(100_000, 1)).toBe(75_000);
  });
  it('never spins: neither for a token that is over nor past what a timer can hold', () => {
    expect(renewIn(-5, 0.5)).toBe(1000);
    expect(renewIn(Number.MAX_SAFE_INTEGER, 0.5)).toBeLessThan(2 ** 31);
    expect(renewIn(Infinity, 0.5)).toBeLessThan(2 ** 31);
  });
});

describe('names', () => {
  it('the first is the default, further ones are called after their audience, each once', () => {
    const audiences = ['rucio', 'https://xrootd.example/path', 'https://xrootd.example/path', '***'];
    expect(tokenNames(audiences.map((audience) => ({ audience, scope: 's' })))).toEqual([
      'default',
      'xrootd-example-path',
      'xrootd-example-path-2',
      '-',
    ]);
  });
});
