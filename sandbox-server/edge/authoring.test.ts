import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { AuthoringNews } from '../contract/authoring.ts';
import { edgeGround } from './testing/edge-ground.ts';
import type { EdgeGround } from './testing/edge-ground.ts';
import { labOf } from './testing/two-learners.ts';

let ground: EdgeGround;
let watching: number;
beforeEach(async () => {
  watching = 0;
  ground = await edgeGround({
    names: ['emmy', 'ada'],
    authoring: {
      fresh: (course, lesson) => Promise.resolve({ html: `<p>${course}/${lesson}</p>`, savedAt: 7 }),
      watch: (listener) => {
        watching += 1;
        listener({ type: 'mistakes', mistakes: [] } satisfies AuthoringNews);
        return { [Symbol.dispose]: () => void (watching -= 1) };
      },
    },
  });
});
afterEach(() => ground[Symbol.asyncDispose]());
const go = (as: string, step: unknown, lab = labOf(as)) =>
  ground.ask(`/api/labs/${lab}/authoring/first`, { as, method: 'POST', body: { step } });

describe('what npm run dev tells everybody', () => {
  it('that it is there, and the newest text of a lesson', async () => {
    expect((await ground.ask('/api/session')).json).toMatchObject({ authoring: true });
    expect((await ground.ask('/api/authoring/dask/first')).json).toEqual({
      html: '<p>dask/first</p>',
      savedAt: 7,
    });
  });

  it('what was saved, as a stream that ends with its reader', async () => {
    const cut = new AbortController();
    const answer = await fetch(new URL('/api/authoring/events', ground.url), { signal: cut.signal });
    const reader = answer.body?.pipeThrough(new TextDecoderStream()).getReader();
    let heard = '';
    while (!heard.includes('mistakes')) heard += (await reader?.read())?.value ?? '';
    expect(heard).toContain('data: {"type":"mistakes","mistakes":[]}');
    expect(watching).toBe(1);
    cut.abort();
    await expect.poll(() => watching).toBe(0);
  });
});

describe('what it tells authors alone', () => {
  it('the checks of each step, with their places', async () => {
    const address = '/api/authoring/dask/first/steps';
    expect((await ground.ask(address)).status).toBe(401);
    expect((await ground.ask(address, { as: 'ada' })).status).toBe(403);
    const { json } = await ground.ask(address, { as: 'emmy' });
    const place = { file: 'courses/dask/first/lesson.md', line: 9 };
    const checks = [{ lang: 'bash', code: 'echo yes', place }];
    expect(json).toEqual(['a', 'b', 'c'].map((id) => ({ id, title: id, place, checks })));
    expect((await ground.ask('/api/authoring/dask/x/steps', { as: 'emmy' })).status).toBe(404);
  });

  it('how to go to a step, in a lab of their own', async () => {
    expect((await go('emmy', 'a-step')).status).toBe(204);
    expect((await go('emmy', null)).status).toBe(204);
    expect((await go('emmy', 'nowhere')).status).toBe(404);
    expect((await go('emmy', 7)).status).toBe(400);
    expect((await go('ada', 'a-step')).status).toBe(403);
    expect((await go('emmy', 'a-step', labOf('ada'))).status).toBe(404);
  });
});

it('no other server has any of it', async () => {
  await using plain = await edgeGround({ names: ['emmy'] });
  expect((await plain.ask('/api/session')).json).toMatchObject({ authoring: false });
  expect(plain.edge.routes.filter(({ url }) => url.includes('authoring'))).toEqual([]);
  expect((await plain.ask('/api/authoring/events', { as: 'emmy' })).status).toBe(404);
});
