import { once } from 'node:events';
import { request as ask } from 'node:http';
import type { IncomingMessage } from 'node:http';
import { setTimeout as wait } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Problem } from '../contract/errors.ts';
import type { LakeData, LakeNews } from '../contract/lake.ts';
import type { LakeView } from '../lake/face.ts';
import { edgeGround } from './testing/edge-ground.ts';
import type { EdgeGround } from './testing/edge-ground.ts';
import { labOf } from './testing/two-learners.ts';

const DATA: LakeData = {
  account: 'ada',
  scope: 'user.ada',
  elements: [],
  dids: [],
  moreDids: 0,
  rules: [],
  moreRules: 0,
  transfers: null,
  moreTransfers: 0,
  atLeast: false,
};
let ground: EdgeGround;
let refusal: Problem | null;
let listeners: Set<(news: LakeNews) => void>;
beforeEach(async () => {
  refusal = null;
  listeners = new Set();
  const lake: LakeView = {
    read: () => (refusal === null ? Promise.resolve(DATA) : Promise.reject(refusal)),
    watch: (_who, _lab, listener) => {
      listeners.add(listener);
      listener({ type: 'all', data: DATA });
      return Promise.resolve({ [Symbol.dispose]: () => void listeners.delete(listener) });
    },
    get watched() {
      return listeners.size;
    },
    close: () => undefined,
  };
  ground = await edgeGround({ lake });
});
afterEach(() => ground[Symbol.asyncDispose]());
const addressOf = (name: string): string => `/api/labs/${labOf(name)}/data`;

async function follow(as: string, whose = as): Promise<IncomingMessage & { heard: string }> {
  const sent = ask({
    host: '127.0.0.1',
    port: ground.url.port,
    path: `${addressOf(whose)}/events`,
    agent: false,
    headers: { host: ground.url.host, cookie: `__Host-palestra=${as}`, 'sec-fetch-site': 'same-origin' },
  });
  sent.on('error', () => undefined).end();
  const [answer] = (await once(sent, 'response')) as [IncomingMessage];
  const open = Object.assign(answer, { heard: '' });
  answer.on('error', () => undefined).setEncoding('utf8');
  answer.on('data', (text: string) => (open.heard += text));
  return open;
}
async function until(condition: () => boolean): Promise<void> {
  for (let i = 0; i < 500 && !condition(); i++) await wait(10);
  expect(condition()).toBe(true);
}

describe('a learner’s data in the lake', () => {
  it('is answered as the contract has it', async () => {
    const { status, json } = await ground.ask(addressOf('ada'), { as: 'ada' });
    expect([status, json]).toEqual([200, DATA]);
  });

  it('what cannot be shown keeps its reason and its way on', async () => {
    const trouble = { reason: 'not-admitted', message: 'It does not know you yet.', todo: 'Resume.' };
    refusal = new Problem('forbidden', 'It does not know you yet. Resume.', { details: trouble });
    const { status, json } = await ground.ask(addressOf('ada'), { as: 'ada' });
    expect([status, json]).toMatchObject([403, { code: 'forbidden', details: trouble }]);
  });

  it('T29 another’s is not there, by either address, and nothing is watched for it', async () => {
    expect((await ground.ask(addressOf('ada'), { as: 'bob' })).status).toBe(404);
    expect((await follow('bob', 'ada')).statusCode).toBe(404);
    expect(listeners.size).toBe(0);
  });

  it('is followed as a stream, and not any more once it is closed', async () => {
    const ada = await follow('ada');
    expect(ada.headers['content-type']).toBe('text/event-stream');
    await until(() => ada.heard.includes('"type":"all"'));
    for (const listener of listeners) listener({ type: 'changed', parts: { moreDids: 1 } });
    await until(() => ada.heard.includes('data: {"type":"changed","parts":{"moreDids":1}}\n\n'));
    ada.destroy();
    await until(() => listeners.size === 0);
  });

  it('T10 ends when the session signs out', async () => {
    const ada = await follow('ada');
    const ended = once(ada, 'close');
    await ground.ask('/auth/logout', { as: 'ada', method: 'POST' });
    await ended;
    await until(() => listeners.size === 0);
  });
});
