/** What is read out of a pod: whose it is, whether it runs, and in words what ended it. */
import { describe, expect, it } from 'vitest';
import { sandboxIdOf } from '../../../contract/pod-id.ts';
import { podObject } from '../testing/api-double.ts';
import type { Json } from '../testing/api-double.ts';
import { readPod, sandboxOf } from './pod.ts';

function pod(status: Json = {}, metadata: Json = {}): Json {
  const base = podObject('a', { lab: 'labaaaaaaaaaaaaaaaaa' });
  return {
    ...base,
    metadata: { ...(base['metadata'] as Json), resourceVersion: '12', ...metadata },
    status: { ...(base['status'] as Json), ...status },
  };
}

describe('a pod', () => {
  it('is its lab’s sandbox: id from its UID, address from the cluster, pin from the claim', () => {
    expect(sandboxOf(readPod(pod()))).toEqual({
      id: sandboxIdOf('uid-a'),
      kit: 'base',
      lab: 'labaaaaaaaaaaaaaaaaa',
      agent: { kind: 'tls', host: '10.0.0.1', port: 7070, pin: 'p' },
      isolation: 'enforced',
      startedAt: Date.parse('2026-11-24T18:00:00Z'),
    });
  });

  it('of which little is known yet is read all the same', () => {
    const metadata = { name: 'a', uid: 'u', resourceVersion: '1', creationTimestamp: '2026-11-24T18:00:00Z' };
    expect(readPod({ metadata })).toMatchObject({
      state: 'other',
      ip: null,
      ready: false,
      over: null,
      stuck: null,
    });
  });

  it('of another kind is refused', () => {
    expect(() => readPod({ kind: 'Secret' })).toThrow('metadata');
  });

  const ended = (reason: string, exitCode = 137) => ({ terminated: { reason, exitCode } });
  it.each<[string, Json, string | null]>([
    ['runs', {}, null],
    [
      'F15 lost its agent to memory',
      { containerStatuses: [{ restartCount: 1, state: { running: {} }, lastState: ended('OOMKilled') }] },
      'its programs used more memory than the sandbox has',
    ],
    [
      'has an agent that ended (finding 3)',
      { containerStatuses: [{ restartCount: 1, state: { running: {} }, lastState: ended('Error', 9) }] },
      'its agent ended by itself with status 9',
    ],
    [
      'has an agent that is just ending',
      { containerStatuses: [{ restartCount: 0, state: ended('Error', 1) }] },
      'its agent ended by itself with status 1',
    ],
    [
      'F14 T43 was evicted for its own files',
      {
        phase: 'Failed',
        reason: 'Evicted',
        message: 'Usage of EmptyDir volume "home" exceeds the limit "1Gi".',
      },
      'its files took more space than the sandbox has',
    ],
    [
      'F14 was evicted for its node',
      { phase: 'Failed', reason: 'Evicted', message: 'The node was low on resource: memory.' },
      'its node ran short of memory or disk',
    ],
    [
      'ran for its time',
      { phase: 'Failed', reason: 'DeadlineExceeded' },
      'it ran for as long as a sandbox may',
    ],
    ['F13 was on a node that went', { phase: 'Failed', reason: 'NodeShutdown' }, 'its node was shut down'],
    ['failed in another way', { phase: 'Failed', reason: 'Odd' }, 'its pod ended: Odd'],
    ['failed in silence', { phase: 'Failed' }, 'its pod ended'],
  ])('that %s', (_, status, over) => {
    expect(readPod(pod(status)).over).toBe(over);
  });

  const waiting = (reason: string) => ({
    containerStatuses: [{ restartCount: 0, state: { waiting: { reason, message: 'm' } } }],
  });
  it.each<[string, Json, string | null]>([
    ['is on its way', waiting('ContainerCreating'), null],
    [
      'finds no room',
      {
        conditions: [
          { type: 'PodScheduled', status: 'False', reason: 'Unschedulable', message: 'Insufficient cpu' },
        ],
      },
      'room',
    ],
    ['T47 has no image', waiting('ErrImageNeverPull'), 'image'],
    ['cannot pull', waiting('ImagePullBackOff'), 'image'],
    ['misses its keys', waiting('CreateContainerConfigError'), 'settings'],
  ])('that %s', (_, status, kind) => {
    expect(readPod(pod(status)).stuck?.kind ?? null).toBe(kind);
  });

  it('counts as ending, released and let go as its metadata says', () => {
    const view = readPod(
      pod(
        {},
        { deletionTimestamp: '2026-11-24T19:00:00Z', annotations: { 'palestra.dev/released-at': 'x' } },
      ),
    );
    expect(view).toMatchObject({ ending: true, released: true, controlled: false, pin: null });
    expect(readPod(pod({}, { ownerReferences: [{ controller: true }] })).controlled).toBe(true);
    expect(readPod(pod({}, { deletionTimestamp: null })).ending).toBe(false);
  });
});
