/** The kit's own tests, in Python on the system's interpreter: what needs Rucio's client is in tests/stack/data-lake. */
import { spawnSync } from 'node:child_process';
import { describe, expect, it } from 'vitest';

const KIT = new URL('../../../infra/kits/lake/', import.meta.url).pathname;

const { stderr, status } = spawnSync(
  '/usr/bin/python3',
  ['-m', 'unittest', 'discover', '-s', 'tests', '-t', '.', '-v'],
  {
    cwd: KIT,
    encoding: 'utf8',
    env: {
      PATH: '/usr/bin:/bin',
      PYTHONPATH: `${KIT}files/python`,
      PYTHONDONTWRITEBYTECODE: '1',
      LANG: 'C.UTF-8',
    },
  },
);
const ran = [...stderr.matchAll(/^test_(\S+) \((\S+)\) \.\.\. (.+)$/gm)].map(
  ([, name = '', where = '', how = '']) => ({ name: name.replaceAll('_', ' '), where, how }),
);

describe('the front of rucio and palestra lake', () => {
  it('are tested at all, and end well', () => {
    expect(ran.length, stderr).toBeGreaterThan(30);
    expect(status, stderr).toBe(0);
  });

  it.each(ran)('$where: $name', ({ how }) => expect(how, stderr).toBe('ok'));
});
