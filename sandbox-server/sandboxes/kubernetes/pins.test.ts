import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { readPod } from './objects/pod.ts';
import { createPins } from './pins.ts';
import { podObject } from './testing/api-double.ts';
import type { Json } from './testing/api-double.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const POD = podObject('a');
const metadata = { ...(POD['metadata'] as Json), resourceVersion: '7' };
const view = () => ({ ...readPod({ ...POD, metadata }), pin: 'pin' });

it('a warm agent is greeted once behind its pin, however often its pod is seen', async () => {
  const greeted: string[] = [];
  const pins = createPins((to, pin) => Promise.resolve(greeted.push(`${to.name} ${pin}`)));
  pins.look(view());
  pins.look(view());
  await vi.advanceTimersByTimeAsync(10_000);
  expect(greeted).toEqual(['a pin']);
});

it('one that does not answer is greeted again in a moment, and a claim does not wait for it', async () => {
  let asked = 0;
  const pins = createPins(() => ((asked += 1) < 3 ? Promise.reject(new Error('busy')) : Promise.resolve()));
  pins.look(view());
  expect(await pins.of(view())).toBe('pin');
  await vi.advanceTimersByTimeAsync(60_000);
  expect(asked).toBe(3);
});

it('agents that answer no greeting keep no claim from reading a certificate', async () => {
  let greetings = 0;
  const pins = createPins(() => {
    greetings += 1;
    return new Promise(() => undefined);
  });
  for (let i = 0; i < 20; i += 1) pins.look({ ...view(), uid: `quiet-${i}` });
  await vi.advanceTimersByTimeAsync(0);
  expect(greetings).toBeGreaterThan(0);
  // nobody listens there, and that is what the claim is told
  const claimed = { ...view(), uid: 'claimed', pin: null, ip: '127.0.0.99' };
  await expect(pins.of(claimed)).rejects.toMatchObject({ code: 'agent-unreachable' });
});
