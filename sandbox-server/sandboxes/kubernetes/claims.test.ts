/** Claims where others are faster, answers are lost and controllers hang: what a real cluster does not show on demand. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { until } from '../conformance.ts';
import { newId } from '../ids.ts';
import { createClaims } from './claims.ts';
import type { Claims } from './claims.ts';
import { createClusterPods } from './cluster-pods.ts';
import { createEndings } from './endings.ts';
import { versionOf } from './objects/pod-template.ts';
import type { PodSettings } from './objects/pod-template.ts';
import { apiDouble, podObject } from './testing/api-double.ts';
import type { ApiDouble, Json } from './testing/api-double.ts';
import { watchPods } from './testing/watched-pods.ts';
import type { WatchedPods } from './testing/watched-pods.ts';

const SETTINGS: PodSettings = {
  kit: 'base',
  image: 'i',
  pullPolicy: 'Never',
  limits: { memory: 1, disk: 1, pids: 1, cpu: 1 },
  requests: { memory: 1, cpu: 1 },
};
const TIMES = { watch: 5, grace: 500, relist: 60_000, firstPause: 20, longestPause: 100 };

/** One server's driver, in so far as it claims. */
interface Side extends WatchedPods {
  readonly claims: Claims;
}
let double: ApiDouble;
let sides: Side[];
beforeEach(async () => {
  double = await apiDouble();
  sides = [];
});
afterEach(async () => {
  for (const one of sides) await one[Symbol.asyncDispose]();
  await double[Symbol.asyncDispose]();
});

async function side(patience = 2_000): Promise<Side> {
  const before = double.watches;
  const watched = await watchPods(double, TIMES);
  const { api, pods } = watched;
  const cluster = createClusterPods(api, 'n');
  const pins = {
    look: () => undefined,
    known: () => 'pin',
    of: () => Promise.resolve('pin'),
    forget: () => undefined,
  };
  const claims = createClaims({
    namespace: 'n',
    cluster,
    pods,
    pins,
    settingsOf: () => SETTINGS,
    lifetime: 3600,
    drop: (view) => createEndings(cluster, pods).end(view),
    patience,
    onTrouble: () => undefined,
  });
  const made = { ...watched, claims };
  sides.push(made);
  await until(() => double.watches > before || double.watches >= sides.length);
  return made;
}
function warm(name: string): Json {
  const pod = podObject(name);
  const metadata = pod['metadata'] as { labels: Record<string, string> };
  metadata.labels['palestra.dev/version'] = versionOf(SETTINGS);
  return pod;
}
/** What a ReplicaSet does some milliseconds after a claim. */
function letGo(): Disposable {
  const timer = setInterval(() => {
    for (const name of ['a', 'b', 'c']) {
      const pod = double.get(name) as { metadata: Json & { labels: Json } } | undefined;
      if (pod?.metadata.labels['app'] !== 'claimed' || pod.metadata['ownerReferences'] === undefined)
        continue;
      const { ownerReferences: _gone, ...metadata } = pod.metadata;
      double.put({ ...pod, metadata });
    }
  }, 15);
  return { [Symbol.dispose]: () => clearInterval(timer) };
}
const ask = (lab: string) => ({ lab, kit: 'base', onStage: () => undefined, onPlace: () => undefined });
const never = new AbortController().signal;
const patches = () => double.requests.filter(({ method }) => method === 'PATCH').length;

describe('a claim', () => {
  it('is one write, answered when the ReplicaSet has let go (finding 1)', async () => {
    double.put(warm('a'));
    const { claims } = await side();
    const lab = newId();
    const claiming = claims.take(ask(lab), never);
    await until(() => patches() === 1);
    await new Promise((resolve) => setTimeout(resolve, 100));
    expect(await Promise.race([claiming, Promise.resolve('not yet')])).toBe('not yet');
    using _ = letGo();
    expect(await claiming).toMatchObject({ name: 'a', lab, controlled: false, pin: 'pin' });
    expect(double.requests.filter(({ method }) => method !== 'GET')).toHaveLength(1);
  });

  it('that a scale-down overtook is no claim: the next pod is taken (finding 1)', async () => {
    double.put(warm('a'));
    const { claims } = await side();
    const claiming = claims.take(ask(newId()), never);
    await until(() => patches() === 1);
    double.put(warm('b'));
    double.remove('a');
    using _ = letGo();
    expect(await claiming).toMatchObject({ name: 'b' });
  });

  it('lost to another server (422) takes another pod, and the other keeps its own', async () => {
    double.put(warm('a'));
    const one = await side();
    const two = await side();
    using _ = letGo();
    double.put(warm('b'));
    const [first, second] = await Promise.all([
      one.claims.take(ask(newId()), never),
      two.claims.take(ask(newId()), never),
    ]);
    expect(new Set([first.name, second.name])).toEqual(new Set(['a', 'b']));
  });

  it('F12 whose answer was lost is found to be ours, and not made twice', async () => {
    double.put(warm('a'));
    double.put(warm('b'));
    const { claims, pods } = await side();
    using _ = letGo();
    let once = true;
    double.spoil = ({ method }) => {
      if (method !== 'PATCH' || !once) return 'work';
      once = false;
      return 'lose';
    };
    const lab = newId();
    expect(await claims.take(ask(lab), never)).toMatchObject({ lab });
    expect(pods.ofLab(lab)).toHaveLength(1);
    expect(patches()).toBe(1);
  });

  it('F10 that is refused for a while (429) comes about with bounded calls', async () => {
    double.put(warm('a'));
    const { claims } = await side();
    using _ = letGo();
    let refusals = 3;
    double.spoil = ({ method }) =>
      method === 'PATCH' && refusals-- > 0 ? { status: 429, retryAfter: 0 } : 'work';
    expect(await claims.take(ask(newId()), never)).toMatchObject({ name: 'a' });
    expect(patches()).toBe(4);
  });

  it('F8 waits for a cluster that is away, and goes on when it is back', async () => {
    double.put(warm('a'));
    const { claims } = await side(20_000);
    using _ = letGo();
    await double.fall();
    const stages: string[] = [];
    const claiming = claims.take({ ...ask(newId()), onStage: (name) => stages.push(name) }, never);
    await until(() => stages.includes('cluster'));
    await double.rise();
    expect(await claiming).toMatchObject({ name: 'a' });
  });

  it('F8 fails in a sentence where the cluster stays away', async () => {
    double.put(warm('a'));
    const { claims } = await side(200);
    await double.fall();
    await expect(claims.take(ask(newId()), never)).rejects.toMatchObject({
      code: 'unavailable',
      message: expect.stringContaining('Labs that run go on') as string,
    });
  });

  it('T39 that admission refuses says which field, in its words', async () => {
    const { claims } = await side();
    double.spoil = ({ method }) =>
      method === 'POST'
        ? { status: 403, reason: 'spec.containers[0].image: only images of the chart' }
        : 'work';
    await expect(claims.take(ask(newId()), never)).rejects.toMatchObject({
      code: 'unavailable',
      message: expect.stringContaining('spec.containers[0].image') as string,
    });
  });

  it('that a quota refuses is no error page: there is no capacity', async () => {
    const { claims } = await side();
    double.spoil = ({ method }) =>
      method === 'POST' ? { status: 403, reason: 'exceeded quota: palestra' } : 'work';
    await expect(claims.take(ask(newId()), never)).rejects.toMatchObject({ code: 'no-capacity' });
  });
});

describe('F22 two servers that claim for the same lab', () => {
  it('end with one pod, the same for both, whichever was first', async () => {
    for (let round = 0; round < 10; round += 1) {
      double.put(warm('a'));
      double.put(warm('b'));
      const [one, two] = [sides[0] ?? (await side()), sides[1] ?? (await side())];
      await until(() => one.pods.all().length === 2 && two.pods.all().length === 2);
      using _ = letGo();
      const lab = newId();
      const [first, second] = await Promise.all([
        one.claims.take(ask(lab), never),
        two.claims.take(ask(lab), never),
      ]);
      expect(first.uid).toBe(second.uid);
      await until(() => one.pods.ofLab(lab).length === 1 && two.pods.ofLab(lab).length === 1);
      for (const name of ['a', 'b']) double.remove(name);
      await until(() => one.pods.all().length === 0 && two.pods.all().length === 0);
    }
  });
});
