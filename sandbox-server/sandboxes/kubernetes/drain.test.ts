import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createApi } from './api/api.ts';
import { drain } from './drain.ts';
import { apiDouble, podObject, type ApiDouble, type Json } from './testing/api-double.ts';

let double: ApiDouble;
beforeEach(async () => {
  double = await apiDouble();
});
afterEach(() => double[Symbol.asyncDispose]());

const ASK = { node: 'node-7', namespace: 'labs', patience: 20_000 };
const drained = (more: Partial<typeof ASK> = {}) => drain(createApi(double.access), { ...ASK, ...more });
const isEviction = (path: string): boolean => path.endsWith('/eviction');
const annotations = (name: string): Json =>
  (double.get(name)?.['metadata'] as { annotations: Json } | undefined)?.annotations ?? {};
/** The servers' part: a pod that was asked to be left is gone at the next look. */
const serversAnswer = (): void => {
  for (const name of ['mine', 'warm'])
    if ('palestra.dev/leave-asked-at' in annotations(name)) double.remove(name);
};

describe('a node that is emptied', () => {
  it('is closed first; warm ones are evicted, those with a lab are asked of the servers and waited for', async () => {
    double.put(podObject('warm'));
    double.put(podObject('mine', { lab: 'lab1' }));
    double.spoil = ({ method, path, query }) => {
      if (isEviction(path)) double.remove('warm');
      if (method === 'GET' && query.has('fieldSelector')) serversAnswer();
      return 'work';
    };
    expect(await drained()).toEqual({
      node: 'node-7',
      namespace: 'labs',
      ended: [{ pod: 'mine', lab: 'lab1' }],
      moved: 1,
      left: [],
    });
    const [look, close, list] = double.requests;
    expect([look?.path, look?.method]).toEqual(['/api/v1/nodes/node-7', 'GET']);
    expect([close?.path, close?.method]).toEqual(['/api/v1/nodes/node-7', 'PATCH']);
    expect(list?.query.get('fieldSelector')).toBe('spec.nodeName=node-7');
    expect(list?.query.get('labelSelector')).toBe('app.kubernetes.io/name=palestra-sandbox');
    // nothing with a learner in it is deleted or evicted by this side
    expect(double.requests.filter(({ method }) => method === 'DELETE')).toEqual([]);
    expect(double.requests.filter(({ path }) => isEviction(path)).map(({ path }) => path)).toEqual([
      '/api/v1/namespaces/labs/pods/warm/eviction',
    ]);
  });

  it('a warm one that is claimed at this moment: its budget says no, and the servers are asked instead', async () => {
    double.put(podObject('warm'));
    double.spoil = ({ method, path, query }) => {
      if (method === 'GET' && query.has('fieldSelector')) serversAnswer();
      if (!isEviction(path)) return 'work';
      double.put(podObject('warm', { lab: 'lab1' }));
      return { status: 429, reason: 'TooManyRequests' };
    };
    expect(await drained()).toMatchObject({ ended: [{ pod: 'warm', lab: 'lab1' }], moved: 0, left: [] });
  });

  it('names what is left where no server saves it, and ends none of it', async () => {
    double.put(podObject('mine', { lab: 'lab1' }));
    const seen: number[] = [];
    const ask = { ...ASK, patience: 0, onLeft: (left: number) => seen.push(left) };
    expect((await drain(createApi(double.access), ask)).left).toEqual([{ pod: 'mine', lab: 'lab1' }]);
    expect(seen).toEqual([1]);
    expect(double.get('mine')).toBeDefined();
  });

  it.each([
    [404, 'There is no node node-7.'],
    [403, 'may not close the node node-7'],
  ])('a node that answers %i is said in words', async (status, words) => {
    double.spoil = ({ path }) => (path.startsWith('/api/v1/nodes/') ? { status } : 'work');
    await expect(drained()).rejects.toThrow(words);
  });
});
