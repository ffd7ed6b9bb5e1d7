import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Sandbox } from '../sandboxes/driver.ts';
import type { Listener } from './listening.ts';
import { listenForMetrics, metricsText } from './metrics.ts';
import { edgeGround } from './testing/edge-ground.ts';

const sandbox = (kit: string, lab: string | null): Sandbox => ({
  id: 'abcdefghij234567abcd',
  kit,
  lab,
  agent: { kind: 'unix', path: '/nowhere' },
  isolation: 'enforced',
  startedAt: 0,
});
const gauges = { read: () => ({ palestra_terminals: 2 }) };
const driver = {
  list: () => Promise.resolve([sandbox('base', null), sandbox('base', null), sandbox('dask', 'a lab')]),
};

describe('metrics', () => {
  it('are one number a line, sandboxes counted by kit and state', async () => {
    expect((await metricsText(gauges, driver)).split('\n')).toEqual([
      'palestra_terminals 2',
      'palestra_driver_up 1',
      'palestra_sandboxes{kit="base",state="warm"} 2',
      'palestra_sandboxes{kit="dask",state="claimed"} 1',
      '',
    ]);
  });
  it.each([
    ['refuses', () => Promise.reject(new Error('the cluster is away'))],
    ['never answers', () => new Promise<never>(() => undefined)],
  ])('F8 are still read when the driver %s, and say so', async (_, list) => {
    expect(await metricsText(gauges, { list })).toBe('palestra_terminals 2\npalestra_driver_up 0\n');
  });
});

describe('the port for metrics', () => {
  let listener: Listener;
  const at = (path: string, init?: RequestInit) => fetch(`http://127.0.0.1:${listener.port}${path}`, init);
  beforeEach(async () => {
    listener = await listenForMetrics({ host: '127.0.0.1', port: 0 }, gauges, driver);
  });
  afterEach(() => listener.close(100));

  it('answers whoever reaches it, by whatever name', async () => {
    const answer = await at('/metrics', { headers: { 'x-forwarded-for': '192.0.2.1' } });
    expect(answer.headers.get('content-type')).toContain('text/plain');
    expect(await answer.text()).toContain('palestra_terminals 2');
  });
  it.each(['/', '/api/labs', '/metrics/x', '/livez'])('T53 has nothing else: %s', async (path) => {
    expect((await at(path)).status).toBe(404);
  });
  it('takes no other method', async () => {
    expect((await at('/metrics', { method: 'POST' })).status).toBe(404);
  });
  it('is opened and closed with the edge, where the settings name it', async () => {
    const port = listener.port;
    await listener.close(100);
    const ground = await edgeGround({ config: { metrics: { host: '127.0.0.1', port } } });
    expect(await (await at('/metrics')).text()).toContain('process_uptime_seconds');
    await ground[Symbol.asyncDispose]();
    await expect(at('/metrics')).rejects.toThrow('fetch failed');
    listener = await listenForMetrics({ host: '127.0.0.1', port: 0 }, gauges, driver);
  });
});
