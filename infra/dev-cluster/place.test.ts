import { describe, expect, it } from 'vitest';
import { clusterOfEnvironment } from './find-place.ts';
import { LAST_NUMBER, addressesOf, clusterPlace } from './place.ts';

describe('addresses', () => {
  it('follow from the number', () => {
    expect(addressesOf(2)).toEqual({
      host: '10.98.2.1',
      node: '10.98.2.2',
      link: '10.98.2.0/24',
      pods: '10.102.0.0/16',
      services: '10.202.0.0/16',
      api: '10.202.0.1',
      dns: '10.202.0.10',
    });
  });

  it('of any two clusters do not meet', () => {
    const ranges = Array.from({ length: LAST_NUMBER }, (_, i) => addressesOf(i + 1)).flatMap(
      ({ link, pods, services }) => [link, pods, services],
    );
    expect(new Set(ranges).size).toBe(3 * LAST_NUMBER);
    // every octet is one
    for (const range of ranges)
      expect(
        range
          .split(/[./]/)
          .map(Number)
          .every((n) => n < 256),
      ).toBe(true);
  });

  it.each([0, -1, 1.5, Number.NaN, LAST_NUMBER + 1])('there is no cluster %d', (number) =>
    expect(() => addressesOf(number)).toThrow(RangeError),
  );
});

describe('a place', () => {
  it('has a name that fits an interface, and sockets in its own folder', () => {
    const place = clusterPlace({ root: '/state/cluster', number: LAST_NUMBER, cache: '/cache' });
    expect(place.name.length).toBeLessThanOrEqual(15);
    expect(place).toMatchObject({
      api: 'https://10.98.50.2:6443',
      kubeconfig: '/state/cluster/admin.kubeconfig',
      containerdSocket: '/state/cluster/containerd.sock',
    });
  });
});

describe('the environment', () => {
  it('says nothing: the checkout’s own', () => {
    expect(clusterOfEnvironment({ HOME: '/home/ada' }, '/repo')).toMatchObject({
      number: 1,
      root: '/repo/.palestra/cluster',
    });
  });

  it('names state, number and cache', () => {
    const env = { PALESTRA_STATE: '/s', PALESTRA_CLUSTER_NUMBER: '3', PALESTRA_CACHE: '/c' };
    expect(clusterOfEnvironment(env, '/repo')).toMatchObject({
      number: 3,
      root: '/s/cluster',
      cache: '/c/cluster',
    });
    expect(clusterOfEnvironment({ XDG_CACHE_HOME: '/x' }, '/repo').cache).toBe('/x/palestra/cluster');
  });

  it.each(['0', 'two', '51', '1.5', ''])('refuses the number %j in a sentence', (number) =>
    expect(() => clusterOfEnvironment({ PALESTRA_CLUSTER_NUMBER: number }, '/repo')).toThrow(
      'PALESTRA_CLUSTER_NUMBER',
    ),
  );

  it('refuses a folder whose sockets nobody could connect to', () =>
    expect(() => clusterOfEnvironment({ PALESTRA_STATE: `/${'x'.repeat(90)}` }, '/repo')).toThrow(
      'PALESTRA_STATE',
    ));
});
