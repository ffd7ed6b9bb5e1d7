import { once } from 'node:events';
import { request as ask } from 'node:http';
import type { IncomingMessage } from 'node:http';
import { setTimeout as wait } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { LearnerEvent } from '../contract/events.ts';
import { edgeGround } from './testing/edge-ground.ts';
import type { EdgeGround } from './testing/edge-ground.ts';
import { labOf } from './testing/two-learners.ts';

let ground: EdgeGround;
beforeEach(async () => {
  ground = await edgeGround();
});
afterEach(() => ground[Symbol.asyncDispose]());

interface Stream {
  readonly response: IncomingMessage;
  text: string;
  readonly ended: Promise<unknown>;
}
async function stream(as: string, path = '/api/events'): Promise<Stream> {
  const sent = ask({
    host: '127.0.0.1',
    port: ground.url.port,
    path,
    agent: false,
    headers: { host: ground.url.host, cookie: `__Host-palestra=${as}`, 'sec-fetch-site': 'same-origin' },
  });
  sent.on('error', () => undefined).end();
  const [response] = (await once(sent, 'response')) as [IncomingMessage];
  const open: Stream = { response, text: '', ended: once(response, 'close') };
  response.on('error', () => undefined).setEncoding('utf8');
  if (path === '/api/events') response.on('data', (text: string) => (open.text += text));
  return open;
}
const events = (text: string): unknown[] =>
  [...text.matchAll(/^data: (.*)$/gm)].map(([, data]) => JSON.parse(data ?? '') as unknown);
async function until(condition: () => boolean): Promise<void> {
  for (let i = 0; i < 500 && !condition(); i++) await wait(10);
  expect(condition()).toBe(true);
}

describe('the event stream', () => {
  it('says when to come again, begins with each lab, goes on with what happens, to its own person alone', async () => {
    const [ada, bob] = [await stream('ada'), await stream('bob')];
    expect(ada.response.headers).toMatchObject({
      'content-type': 'text/event-stream',
      'cache-control': 'no-store',
    });
    await until(() => ada.text.includes('data:'));
    expect(ada.text).toMatch(/^retry: \d+\n\n/);
    ground.labs.tell('ada', { type: 'warning', lab: labOf('ada'), text: 'line\nbreak' });
    await until(() => events(ada.text).length === 2);
    for (const event of events(ada.text)) expect(LearnerEvent.safeParse(event).success).toBe(true);
    expect(events(ada.text)[1]).toMatchObject({ type: 'warning', text: 'line\nbreak' });
    expect(events(bob.text)).toHaveLength(1);
  });
  it('wants a sign-in', async () => {
    expect((await stream('nobody')).response.statusCode).toBe(401);
  });
  it('leaves no listener behind', async () => {
    const open = await Promise.all(Array.from({ length: 20 }, () => stream('ada')));
    await until(() => ground.labs.subscribed() === 20);
    for (const { response } of open) response.destroy();
    await until(() => ground.labs.subscribed() === 0);
  });
  it('is not opened without end by one session', async () => {
    const open = await Promise.all(Array.from({ length: 24 }, () => stream('ada')));
    expect(open.every(({ response }) => response.statusCode === 200)).toBe(true);
    const one = await stream('ada');
    expect(one.response.statusCode).toBe(429);
    expect((await stream('bob')).response.statusCode).toBe(200);
  });
  it('T10 ends when its session signs out', async () => {
    const [ada, bob] = [await stream('ada'), await stream('bob')];
    await ground.ask('/auth/logout', { as: 'ada', method: 'POST' });
    await ada.ended;
    expect(bob.response.destroyed).toBe(false);
  });
  it('a reader that does not read is cut, and its neighbour is not', async () => {
    const [slow, quick] = [await stream('ada'), await stream('bob')];
    slow.response.pause();
    slow.response.removeAllListeners('data');
    const text = 'x'.repeat(100_000);
    for (let i = 0; i < 200 && ground.labs.subscribed() === 2; i++) {
      ground.labs.tell('ada', { type: 'warning', lab: labOf('ada'), text });
      await wait(5);
    }
    expect(ground.labs.subscribed()).toBe(1);
    expect(quick.response.destroyed).toBe(false);
  });
  it('says that the server restarts, and ends within its bound', async () => {
    const ada = await stream('ada');
    await until(() => ada.text.includes('data:'));
    const since = Date.now();
    await ground.edge.close();
    await ada.ended;
    expect(events(ada.text).at(-1)).toEqual({ type: 'restarting' });
    expect(Date.now() - since).toBeLessThan(5000);
  });
});

describe('what /check measures with', () => {
  it('an echo with the server’s clock, without a sign-in', async () => {
    const { json, headers } = await ground.ask('/api/check');
    expect(Math.abs((json as { now: number }).now - Date.now())).toBeLessThan(10_000);
    expect(headers['cache-control']).toBe('no-store');
  });
  it('a stream that ticks thrice, one by one', async () => {
    const { response } = await stream('nobody', '/api/check/events');
    const chunks: string[] = [];
    for await (const chunk of response) chunks.push(String(chunk));
    expect(events(chunks.join(''))).toMatchObject([{ tick: 1 }, { tick: 2 }, { tick: 3 }]);
    expect(chunks.length).toBeGreaterThan(1);
  });
});
