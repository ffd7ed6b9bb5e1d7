import { describe, expect, it } from 'vitest';
import { edgeGround } from './testing/edge-ground.ts';
import { labOf } from './testing/two-learners.ts';

const names = Array.from(
  { length: 28 },
  (_, seat) => `st${String.fromCharCode(97 + Math.floor(seat / 6))}${String.fromCharCode(98 + (seat % 6))}`,
);

describe('how often one may ask', () => {
  it('a class of 28 behind one address signs in and starts at once: no 429', async () => {
    await using ground = await edgeGround({ names });
    const statuses = await Promise.all(
      names.map(async (name) => {
        const own: number[] = [];
        const get = async (path: string, how = {}) => own.push((await ground.ask(path, how)).status);
        for (let i = 0; i < 3; i++) await get('/api/session');
        await get('/auth/login?next=/courses/');
        await get('/auth/callback?code=c', { headers: { cookie: '__Host-palestra-flow=flow-value' } });
        await get('/api/labs', { as: name, method: 'POST', body: { course: 'dask', lesson: 'first' } });
        for (let i = 0; i < 20; i++) await get(`/api/labs/${labOf(name)}/files/tree`, { as: name });
        await get(`/api/labs/${labOf(name)}/tickets`, { as: name, method: 'POST', body: { terminal: '1' } });
        return own;
      }),
    );
    expect(statuses.flat().filter((status) => status >= 400)).toEqual([]);
    expect(statuses.flat()).toHaveLength(28 * 27);
  });

  it('one account is slowed down with a time to wait, and its neighbour at the same address is not', async () => {
    await using ground = await edgeGround({ limits: { perAccount: 200, perAddress: 1000 } });
    const answers = await Promise.all(
      Array.from({ length: 250 }, () => ground.ask('/api/labs', { as: 'ada' })),
    );
    const refused = answers.filter(({ status }) => status === 429);
    expect(refused).toHaveLength(50);
    expect(refused[0]).toMatchObject({ json: { code: 'limit' } });
    expect(Number(refused[0]?.headers['retry-after'])).toBeGreaterThan(0);
    expect((await ground.ask('/api/labs', { as: 'bob' })).status).toBe(200);
    expect((await ground.ask('/api/session')).status).toBe(200);
  });
});
