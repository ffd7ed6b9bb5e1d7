/** The client under an API server's bad days: bounded in calls, time and size. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { apiDouble, podObject } from '../testing/api-double.ts';
import type { ApiDouble } from '../testing/api-double.ts';
import { createApi } from './api.ts';
import type { Api } from './api.ts';

const PODS = '/api/v1/namespaces/n/pods';
let double: ApiDouble;
let api: Api;
beforeEach(async () => {
  double = await apiDouble();
  api = createApi(double.access);
});
afterEach(async () => {
  api.close();
  await double[Symbol.asyncDispose]();
});

describe('F10 a storm of refusals', () => {
  it('ends: what was too much is asked again, when it was told to', async () => {
    let refusals = 2;
    double.spoil = () => (refusals-- > 0 ? { status: 429, retryAfter: 0.3 } : 'work');
    const before = performance.now();
    await api.call({ method: 'GET', path: PODS });
    expect(double.requests).toHaveLength(3);
    expect(performance.now() - before).toBeGreaterThan(550);
  });

  it('that does not end costs five calls, and the caller is told', async () => {
    double.spoil = () => ({ status: 429, retryAfter: 0 });
    await expect(api.call({ method: 'PATCH', path: `${PODS}/a`, body: [] })).rejects.toMatchObject({
      status: 429,
    });
    expect(double.requests).toHaveLength(5);
  });

  it.each([500, 503])('of %s: only what may be done twice is done twice', async (status) => {
    double.spoil = () => ({ status });
    await expect(api.call({ method: 'POST', path: PODS, body: {} })).rejects.toMatchObject({ status });
    expect(double.requests).toHaveLength(1);
    await expect(api.call({ method: 'GET', path: PODS })).rejects.toMatchObject({ status });
    expect(double.requests).toHaveLength(6);
  });

  it.each([400, 403, 404, 409, 410, 422])('of %s is an answer: nothing is asked again', async (status) => {
    double.spoil = () => ({ status, reason: 'Because' });
    await expect(api.call({ method: 'GET', path: PODS })).rejects.toMatchObject({
      status,
      reason: 'Because',
    });
    expect(double.requests).toHaveLength(1);
  });
});

describe('an API server that does not answer', () => {
  it('is waited for so long, and said so', async () => {
    double.spoil = () => 'hang';
    await expect(
      api.call({ method: 'PATCH', path: `${PODS}/a`, body: [], timeout: 200 }),
    ).rejects.toMatchObject({
      status: 0,
      message: expect.stringContaining('did not answer') as string,
    });
    expect(double.requests).toHaveLength(1);
  });

  it('F12 whose answer was lost is not asked to do it again by the client: whoever asked looks what became of it', async () => {
    double.put(podObject('a'));
    double.spoil = () => 'lose';
    await expect(api.call({ method: 'PATCH', path: `${PODS}/a`, body: [] })).rejects.toMatchObject({
      status: 0,
    });
    expect(double.requests).toHaveLength(1);
  });

  it('is not waited for by a caller that went away', async () => {
    double.spoil = () => 'hang';
    const gone = new AbortController();
    const asked = api.call({ method: 'GET', path: PODS, signal: gone.signal });
    gone.abort(new Error('the page was closed'));
    await expect(asked).rejects.toThrow('the page was closed');
  });
});
