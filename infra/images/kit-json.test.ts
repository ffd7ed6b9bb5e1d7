import { expect, it } from 'vitest';
import { kitJson } from './kit-json.ts';

it('kit.json has the kit’s folders before all others and its variables, which know the folder but no learner', () => {
  const env = { RUCIO_CONFIG: '{kit}/etc/rucio.cfg', RUCIO_ACCOUNT: '{{user}}' };
  expect(JSON.parse(kitJson({ name: 'lake', env }))).toEqual({
    kit: 'lake',
    path: ['/opt/kit/front', '/opt/kit/bin'],
    env: { RUCIO_CONFIG: '/opt/kit/etc/rucio.cfg', RUCIO_ACCOUNT: '{{user}}' },
    shell: '/bin/bash',
  });
});
