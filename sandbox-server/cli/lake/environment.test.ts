import { describe, expect, it } from 'vitest';
import { lakeEnvironment } from './environment.ts';

const KIT = {
  path: ['/kits/lake/front', '/kits/lake/bin'],
  env: {
    RUCIO_CONFIG: '/kits/lake/etc/rucio.cfg',
    RUCIO_ACCOUNT: '{{user}}',
    GFAL_PYTHONBIN: '/usr/bin/python3',
  },
};

describe('the environment of the kit’s program on one’s own machine', () => {
  it('has the kit’s programs first, its settings, and no learner’s name', () => {
    expect(lakeEnvironment({ PATH: '/usr/bin', HOME: '/home/ada' }, KIT)).toEqual({
      PATH: '/kits/lake/front:/kits/lake/bin:/usr/bin',
      HOME: '/home/ada',
      RUCIO_CONFIG: '/kits/lake/etc/rucio.cfg',
      GFAL_PYTHONBIN: '/usr/bin/python3',
    });
  });

  it.each([
    [{ RUCIO_HOME: '/opt/rucio' }, undefined],
    [{ RUCIO_CONFIG: '/home/ada/rucio.cfg' }, '/home/ada/rucio.cfg'],
  ])('leaves the settings to whoever has their own: %j', (theirs, config) => {
    expect(lakeEnvironment(theirs, KIT)['RUCIO_CONFIG']).toBe(config);
  });

  it('keeps what they say about anything', () => {
    const theirs = { GFAL_PYTHONBIN: '/opt/python', RUCIO_ACCOUNT: 'ada', BEARER_TOKEN_FILE: '/t' };
    expect(lakeEnvironment(theirs, KIT)).toMatchObject(theirs);
  });
});
