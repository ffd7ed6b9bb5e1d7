import { describe, expect, it } from 'vitest';
import type { AgentConfig, Claim } from '../contract/agent.ts';
import { environmentOf } from './environment.ts';

const CONFIG: AgentConfig = {
  sandbox: 'abcdefghijklmnop2345',
  keys: ['k'],
  listen: { fd: 3 },
  home: '/home/learner',
  logs: '/home/.logs',
  path: ['/opt/kit/front', '/opt/kit/bin'],
  env: {
    RUCIO_ACCOUNT: '{{user}}',
    RUCIO_CONFIG: '/opt/kit/etc/rucio.cfg',
    HOME: '/elsewhere',
    PATH: '/evil',
  },
  reaper: [],
  shell: '/bin/bash',
  watch: { memory: null, disk: null, pids: null },
};
const PLACES = { token: '/run/palestra/tokens/default', commands: '/home/.logs/commands.jsonl' };
const CLAIM: Claim = {
  lab: 'abcdefghijklmnop2345',
  user: 'ada',
  fullName: 'Ada',
  seed: '0123456789abcdef',
  env: { RUCIO_CONFIG: '/lent/rucio.cfg' },
};

describe('the kit’s variables', () => {
  it('are filled with the learner’s name once there is one', () => {
    expect(environmentOf(CONFIG, CLAIM, PLACES)['RUCIO_ACCOUNT']).toBe('ada');
    expect(environmentOf(CONFIG, null, PLACES)['RUCIO_ACCOUNT']).toBe('learner');
  });

  it('give way to the claim’s, and change neither who one is nor where programs are', () => {
    const env = environmentOf(CONFIG, CLAIM, PLACES);
    expect(env).toMatchObject({ RUCIO_CONFIG: '/lent/rucio.cfg', HOME: '/home/learner' });
    expect(env['PATH']).toMatch(/^\/opt\/kit\/front:\/opt\/kit\/bin:\/usr\/local\/bin:/);
  });

  it('may be none', () => {
    const { env: _none, ...without } = CONFIG;
    expect(environmentOf(without, null, PLACES)['RUCIO_ACCOUNT']).toBeUndefined();
  });
});
