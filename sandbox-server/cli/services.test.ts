import { describe, expect, it } from 'vitest';
import { Problem } from '../contract/errors.ts';
import { ServiceStatus } from '../contract/service.ts';
import { findingOf, probeServices } from './services.ts';

const status = (given: unknown) => ServiceStatus.parse(given);
const part = (name: string, ok: boolean, todo = '') => ({
  name,
  ok,
  found: ok ? 'ok' : 'gone',
  todo,
  memory: 2 ** 20,
});

describe('what doctor says of a service', () => {
  it('down is well, up is well with its memory, in part is not', () => {
    expect(findingOf('Lake', status({ state: 'down' }))).toEqual({
      ok: true,
      found: 'Lake is down; it starts with the first lab that needs it',
      todo: '',
    });
    expect(findingOf('Lake', status({ state: 'up', parts: [part('a', true), part('b', true)] }))).toEqual({
      ok: true,
      found: 'Lake runs in 2 MiB',
      todo: '',
    });
    expect(
      findingOf('Lake', status({ state: 'partly', parts: [part('a', true), part('b', false, 'Do so.')] })),
    ).toEqual({ ok: false, found: 'Lake runs in part: b: gone', todo: 'Do so.' });
    expect(findingOf('Lake', status({ state: 'partly', parts: [part('b', false)] })).todo).toContain(
      'Start a lab',
    );
  });

  it('one that cannot be asked is a finding, and no failure of doctor', async () => {
    const list = () => [
      {
        name: 'lake',
        title: 'Lake',
        summary: '',
        admits: true,
        verbs: [],
        state: 'unknown' as const,
        text: '',
      },
    ];
    const broken = {
      list,
      status: () => Promise.reject(new Problem('unavailable', 'Lake (status): it ended with 9')),
    };
    expect(await probeServices(broken)).toEqual([
      {
        name: 'service lake',
        need: 'wanted',
        ok: false,
        found: 'Lake (status): it ended with 9',
        todo: 'Lessons that need Lake cannot start.',
      },
    ]);
    await expect(
      probeServices({ list, status: () => Promise.reject(new Error('a fault of ours')) }),
    ).rejects.toThrow('a fault of ours');
  });
});
