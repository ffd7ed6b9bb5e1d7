/** The watch's bad days. That it follows a real API server is the stack tests' to show. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { until } from '../conformance.ts';
import type { Pods } from './pods.ts';
import { apiDouble, podObject } from './testing/api-double.ts';
import type { ApiDouble, Json } from './testing/api-double.ts';
import { watchPods } from './testing/watched-pods.ts';
import type { WatchedPods } from './testing/watched-pods.ts';

const TIMES = { watch: 1, grace: 300, relist: 60_000, firstPause: 20, longestPause: 100 };
let double: ApiDouble;
let watched: WatchedPods;
let pods: Pods;
let lines: string[];

beforeEach(async () => {
  double = await apiDouble();
  lines = [];
});
afterEach(async () => {
  await watched[Symbol.asyncDispose]();
  await double[Symbol.asyncDispose]();
});

async function open(): Promise<void> {
  watched = await watchPods(double, TIMES, (state) => lines.push(state));
  pods = watched.pods;
}
async function begin(): Promise<void> {
  await open();
  await until(() => double.watches > 0);
}
const names = () =>
  pods
    .all()
    .map(({ name }) => name)
    .sort();
const lists = () => double.requests.filter(({ query }) => !query.has('watch')).length;

describe('the watch', () => {
  it('lists once, then follows what comes, changes and goes', async () => {
    double.put(podObject('a'));
    await begin();
    double.put(podObject('b'));
    await until(() => names().join() === 'a,b');
    double.put(podObject('b', { lab: 'l' }));
    await until(() => pods.ofLab('l').length === 1);
    double.remove('a');
    await until(() => names().join() === 'b');
    expect(lists()).toBe(1);
    expect(lines).toEqual(['live']);
  });

  it('goes on from the last it heard where the server ends it, bookmarks included', async () => {
    double.put(podObject('a'));
    await begin();
    double.say({ type: 'BOOKMARK', object: { metadata: { resourceVersion: '4711' } } });
    await until(() => double.requests.some(({ query }) => query.get('resourceVersion') === '101'));
    await double.fall();
    await double.rise();
    await until(() => double.requests.length > 3);
    expect(
      double.requests.every(
        ({ query }) => !query.has('watch') || query.get('allowWatchBookmarks') === 'true',
      ),
    ).toBe(true);
  });

  it('an older sight of a pod never undoes a newer one', async () => {
    double.put(podObject('a'));
    await begin();
    double.put(podObject('a', { lab: 'l' }));
    await until(() => pods.ofLab('l').length === 1);
    double.say({
      type: 'MODIFIED',
      object: {
        ...podObject('a'),
        metadata: { ...(podObject('a')['metadata'] as object), resourceVersion: '1' },
      },
    });
    double.put(podObject('c'));
    await until(() => names().includes('c'));
    expect(pods.ofLab('l')).toHaveLength(1);
  });
});

describe('F9 a watch that went silent', () => {
  it('is noticed, and everything listed anew: what was missed in both directions', async () => {
    double.put(podObject('a'));
    await begin();
    double.put(podObject('b'), { silently: true });
    double.remove('a', { silently: true });
    // this double never ends a watch by itself: only its own clock tells the driver
    await until(() => names().join() === 'b', 5_000);
    expect(lists()).toBeGreaterThan(1);
    expect(lines).toContain('away');
  });

  it('from its first byte on is noticed as well', async () => {
    double.put(podObject('a'));
    double.spoil = ({ query }) => (query.has('watch') ? 'hang' : 'work');
    await open();
    double.put(podObject('b'), { silently: true });
    await until(() => names().join() === 'a,b', 5_000);
  });
});

describe('F10 a history that is forgotten', () => {
  it.each(['as an answer', 'in the middle of a watch'])(
    '410 %s: listed anew, nobody is told of a cluster that is away',
    async (where) => {
      double.put(podObject('a'));
      await begin();
      double.put(podObject('b'), { silently: true });
      if (where === 'as an answer') {
        let once = true;
        double.spoil = ({ query }) => {
          if (!query.has('watch') || !once) return 'work';
          once = false;
          return { status: 410, reason: 'Expired' };
        };
        // the watch that is open ends as real ones do
        double.say({ type: 'ERROR', object: { kind: 'Status', code: 410, reason: 'Expired' } });
      } else double.say({ type: 'ERROR', object: { kind: 'Status', code: 410, reason: 'Expired' } });
      await until(() => names().join() === 'a,b');
      expect(lines).toEqual(['live']);
    },
  );

  it('calls stay bounded while an API server says 410 for ever', async () => {
    double.put(podObject('a'));
    await begin();
    double.spoil = ({ query }) => (query.has('watch') ? { status: 410, reason: 'Expired' } : 'work');
    double.say({ type: 'ERROR', object: { kind: 'Status', code: 410, reason: 'Expired' } });
    const before = double.requests.length;
    await new Promise((resolve) => setTimeout(resolve, 1_000));
    // with pauses of 20 to 100 ms and two calls each time
    expect(double.requests.length - before).toBeLessThan(60);
    double.spoil = () => 'work';
    double.put(podObject('b'));
    await until(() => names().join() === 'a,b');
  });

  it.each<[string, string | Json]>([
    ['no JSON', 'not json'],
    ['an event of another kind', { type: 'WHAT', object: {} }],
    ['no pod', { type: 'ADDED', object: { kind: 'Secret' } }],
  ])('a line that is %s ends that watch alone', async (_, line) => {
    double.put(podObject('a'));
    await begin();
    const before = lists();
    double.say(line);
    await until(() => lists() > before);
    double.put(podObject('b'));
    await until(() => names().join() === 'a,b');
  });
});

describe('F8 an API server that is away', () => {
  it('leaves what is known as it was, and catches up when it is back', async () => {
    double.put(podObject('a'));
    double.put(podObject('b', { lab: 'l' }));
    await begin();
    await double.fall();
    await until(() => lines.includes('away'));
    expect(names()).toEqual(['a', 'b']);
    double.remove('a', { silently: true });
    double.put(podObject('c'), { silently: true });
    await double.rise();
    await until(() => names().join() === 'b,c');
    expect(lines.at(-1)).toBe('live');
  });
});
