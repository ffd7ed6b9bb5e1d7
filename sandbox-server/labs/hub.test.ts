import { describe, expect, it } from 'vitest';
import type { LearnerEvent } from '../contract/events.ts';
import { silentLog } from '../telemetry/index.ts';
import { createHub } from './hub.ts';

const warning = (text: string): LearnerEvent => ({ type: 'warning', lab: 'l', text });
const none = () => Promise.resolve([]);

describe('hub', () => {
  it('tells a person’s own listeners alone, until disposed', async () => {
    const hub = createHub(silentLog());
    const heard: string[] = [];
    const ada = await hub.subscribe('ada', (e) => heard.push(`ada ${e.type}`), none);
    await hub.subscribe('bob', (e) => heard.push(`bob ${e.type}`), none);
    hub.publish('ada', warning('x'));
    ada[Symbol.dispose]();
    hub.publish('ada', warning('y'));
    expect(heard).toEqual(['ada warning']);
  });
  it('gives the beginning first and loses nothing that happens meanwhile', async () => {
    const hub = createHub(silentLog());
    const heard: string[] = [];
    const listener = (e: LearnerEvent) => heard.push(e.type === 'warning' ? e.text : e.type);
    await hub.subscribe('ada', listener, async () => {
      hub.publish('ada', warning('meanwhile'));
      await Promise.resolve();
      return [warning('begin')];
    });
    hub.publish('ada', warning('after'));
    expect(heard).toEqual(['begin', 'meanwhile', 'after']);
  });
  it('goes on past a listener that throws', async () => {
    const hub = createHub(silentLog());
    const heard: string[] = [];
    await hub.subscribe(
      'ada',
      () => {
        throw new Error('broken');
      },
      none,
    );
    await hub.subscribe('ada', (e) => heard.push(e.type), none);
    hub.publish('ada', warning('x'));
    expect(heard).toEqual(['warning']);
  });
  it('leaves no listener where the beginning cannot be had', async () => {
    const hub = createHub(silentLog());
    const heard: string[] = [];
    await expect(
      hub.subscribe(
        'ada',
        (e) => heard.push(e.type),
        () => Promise.reject(new Error('db')),
      ),
    ).rejects.toThrow('db');
    hub.publish('ada', warning('x'));
    expect(heard).toEqual([]);
  });
});
