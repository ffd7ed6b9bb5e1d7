import { describe, expect, it } from 'vitest';
import { LakeOut } from '../trouble.ts';
import { queuedIn } from './queue.ts';

const AT = 1_800_000_000_000;
const line = (more: object) => ({
  id: 7,
  name: 'run42.root',
  user: 'ada',
  from: 'cnaf.palestra.test',
  to: 'napoli.palestra.test',
  state: 'active',
  attempt: 1,
  size: 16_000_000,
  bytes: 6_000_000,
  at: AT - 3000,
  reason: '',
  ...more,
});
const queue = (...files: object[]): string => JSON.stringify({ at: AT, waiting: 0, files });

describe('the queue of transfers', () => {
  it('of this learner alone, with the mean rate so far', () => {
    expect(queuedIn(queue(line({}), line({ id: 8, user: 'bob', name: 'secret' })), 'ada')).toEqual([
      {
        id: '7',
        name: 'run42.root',
        from: 'cnaf.palestra.test',
        to: 'napoli.palestra.test',
        state: 'moving',
        bytes: 16_000_000,
        done: 6_000_000,
        rate: 2_000_000,
        since: AT - 3000,
        why: null,
      },
    ]);
  });

  it('has no rate before the first byte, and none while it waits', () => {
    const [moving, waiting] = queuedIn(queue(line({ bytes: 0 }), line({ id: 9, state: 'waiting' })), 'ada');
    expect([moving?.rate, waiting?.rate, waiting?.state]).toEqual([null, null, 'waiting']);
  });

  it('says why the last try failed, also while the next one runs', () => {
    const [again] = queuedIn(queue(line({ attempt: 2, reason: 'DESTINATION [70] ECONNREFUSED' })), 'ada');
    expect(again?.why).toBe('DESTINATION [70] ECONNREFUSED');
  });

  it('what has ended is over; what failed stays for minutes, unless it is tried again', () => {
    const failed = line({ state: 'failed', reason: 'no' });
    expect(queuedIn(queue(line({ state: 'finished' }), line({ state: 'canceled' })), 'ada')).toEqual([]);
    expect(queuedIn(queue(failed), 'ada')).toMatchObject([{ state: 'failed', why: 'no' }]);
    expect(queuedIn(queue({ ...failed, at: AT - 301_000 }), 'ada')).toEqual([]);
    expect(queuedIn(queue(failed, line({ id: 8, state: 'finished', at: AT })), 'ada')).toEqual([]);
  });

  it.each([
    ['no JSON', '<html>'],
    ['another shape', '{"api":{"major":3}}'],
    ['a state that is none', queue(line({ state: 'STAGING' }))],
  ])('%s is said to be no queue', (_what, json) => {
    expect(() => queuedIn(json, 'ada')).toThrow(LakeOut);
  });
});
