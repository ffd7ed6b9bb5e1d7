/** When new pods of a pool may have their nodes; on a real cluster in pods.stack.test.ts. */
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { createGates, opensAt, type Gates } from './gates.ts';
import { readPod, type PodView } from './objects/pod.ts';
import { createPods, type Pods } from './pods.ts';
import { podObject, type Json } from './testing/api-double.ts';

const START = Date.parse('2026-11-24T18:00:00Z');
const GATE = {
  schedulingGates: [{ name: 'kueue.x-k8s.io/admission' }, { name: 'palestra.dev/after-starts' }],
};

let pods: Pods;
let gates: Gates;
let opened: string[];
let trouble: unknown[];
let revision: number;
/** what becomes of a patch */
let open: (view: PodView) => Promise<void>;

beforeEach(() => {
  vi.useFakeTimers({ now: START });
  pods = createPods();
  [opened, trouble, revision] = [[], [], 1];
  open = (view) => {
    see(view.name, { ready: false });
    return Promise.resolve();
  };
  gates = createGates({
    pods,
    open(view) {
      opened.push(`${view.name}/${view.gate}`);
      return open(view);
    },
    onTrouble: (_, error) => trouble.push(error),
  });
});
afterEach(() => {
  gates[Symbol.dispose]();
  vi.useRealTimers();
});

/** the cluster tells of a pod, made just now */
function see(
  name: string,
  { lab, ready = true, gate = false }: { lab?: string; ready?: boolean; gate?: boolean } = {},
): void {
  const pod = podObject(name, lab === undefined ? { ready } : { lab });
  const metadata = {
    ...(pod['metadata'] as Json),
    resourceVersion: String((revision += 1)),
    creationTimestamp: new Date().toISOString(),
  };
  pods.see(readPod({ ...pod, metadata, spec: gate ? GATE : {} }));
}
/** a learner takes it, and its ReplicaSet makes another at once */
function claim(name: string): void {
  see(name, { lab: `lab-of-${name}` });
  see(`after-${name}`, { ready: false, gate: true });
}
const pass = (ms: number): Promise<unknown> => vi.advanceTimersByTimeAsync(ms);

describe('a new pod of a pool', () => {
  it('has its node at once while nobody starts: a pool fills up as fast as the cluster can', async () => {
    see('a', { ready: false, gate: true });
    await pass(300);
    expect(opened).toEqual(['a/1']);
  });

  it('waits while learners start, and is opened once all of them have', async () => {
    for (const name of ['a', 'b', 'c', 'free']) see(name);
    claim('a');
    await pass(2_500);
    claim('b');
    await pass(2_500);
    claim('c');
    await pass(4_900);
    expect(opened).toEqual([]);
    await pass(400);
    expect(opened).toEqual(['after-a/1', 'after-b/1', 'after-c/1']);
  });

  it('waits no longer than 5 s where none is ready for the next learner', async () => {
    see('a');
    see('b');
    claim('a');
    await pass(4_000);
    claim('b');
    await pass(1_300);
    expect(opened).toEqual(['after-a/1']);
  });

  it('waits 20 s at most where learners come without a pause', async () => {
    for (let i = 0; i < 12; i += 1) see(`p${i}`);
    for (let i = 0; i < 9; i += 1) {
      claim(`p${i}`);
      await pass(2_250);
    }
    expect(opened).toEqual(['after-p0/1']);
  });

  it('is opened at once where somebody waits and the room is taken', async () => {
    for (const name of ['a', 'free']) see(name);
    claim('a');
    gates.hurry();
    await pass(300);
    expect(opened).toEqual(['after-a/1']);
  });

  it('that a server finds when it starts waits for nobody who claimed before', async () => {
    see('x', { lab: 'lab-of-x' });
    see('y', { ready: false, gate: true });
    await pass(300);
    expect(opened).toEqual(['y/1']);
  });

  it('is tried again where the cluster is away, and the trouble is told', async () => {
    const works = open;
    open = () => Promise.reject(new Error('connection refused'));
    see('a', { ready: false, gate: true });
    await pass(300);
    expect(trouble).toHaveLength(1);
    open = works;
    await pass(3_500);
    expect(opened).toEqual(['a/1', 'a/1']);
    expect(pods.get('uid-a')?.gate).toBeNull();
  });

  it('that another server opened meanwhile, or that is gone, is left alone', async () => {
    for (const name of ['a', 'b', 'free']) see(name);
    claim('a');
    claim('b');
    await pass(4_900);
    see('after-a', { ready: false });
    pods.forget('uid-after-b');
    await pass(1_000);
    expect(opened).toEqual([]);
  });

  it('is opened by no server that has ended', async () => {
    see('a', { ready: false, gate: true });
    gates[Symbol.dispose]();
    await pass(60_000);
    expect(opened).toEqual([]);
  });
});

it('the longest wait is counted from the pod, the quiet from the last claim', () => {
  const view = { createdAt: 100_000 };
  expect(opensAt(view, 0, 5)).toBe(5_000);
  expect(opensAt(view, 101_000, 5)).toBe(106_000);
  expect(opensAt(view, 118_000, 5)).toBe(120_000);
  expect(opensAt(view, 118_000, 0)).toBe(105_000);
});
