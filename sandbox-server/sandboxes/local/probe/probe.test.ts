import { describe, expect, it } from 'vitest';
import type { Probe } from '../../driver.ts';
import { NO_BOUNDS } from '../bounds/bounds.ts';
import { refusalFor } from '../driver.ts';
import { atLeast, outcome, versionIn } from './command.ts';
import { diskProbe, probeBounds, probeNode } from './machine.ts';
import { APPARMOR_REMEDY, probeWalls, remedyFor, trialCommand } from './walls.ts';

const GIB = 1024 ** 3;
const NOTHING = { apparmor: null, clone: null, max: null };

describe('versions', () => {
  it('are compared by their numbers', () => {
    expect(versionIn('bubblewrap 0.11.0')).toEqual([0, 11]);
    expect(versionIn('none')).toBeNull();
    expect([atLeast([0, 8], 0, 8), atLeast([0, 11], 0, 8), atLeast([1, 0], 0, 8)]).toEqual([
      true,
      true,
      true,
    ]);
    expect([atLeast([0, 7], 0, 8), atLeast([22, 18], 22, 19), atLeast(null, 0, 0)]).toEqual([
      false,
      false,
      false,
    ]);
    expect([probeNode('v24.21.0').ok, probeNode('v20.19.2').ok, probeNode('v22.18.9').ok]).toEqual([
      true,
      false,
      false,
    ]);
  });
});

describe('what keeps a sandbox from starting', () => {
  it('is named with its exact remedy', () => {
    expect(remedyFor({ ...NOTHING, apparmor: '1' })).toBe(APPARMOR_REMEDY);
    expect(APPARMOR_REMEDY).toMatch(
      /profile bwrap \/usr\/bin\/bwrap flags=\(unconfined\).*apparmor_parser -r/,
    );
    expect(remedyFor({ ...NOTHING, max: '0' })).toContain('sysctl user.max_user_namespaces');
    expect(remedyFor({ ...NOTHING, clone: '0' })).toContain('sysctl kernel.unprivileged_userns_clone=1');
    expect(remedyFor({ apparmor: '0', clone: '1', max: '9' })).toContain('Inside a container');
  });

  it('T71 makes the driver refuse, with what to do', () => {
    const bad: Probe = {
      name: 'bubblewrap',
      ok: false,
      need: 'needed',
      found: 'spawn bwrap ENOENT',
      todo: 'Install it: sudo apt-get install bubblewrap',
    };
    const weak: Probe = { ...bad, name: 'tini', need: 'wanted' };
    expect(refusalFor([weak])).toBeNull();
    expect(refusalFor([weak, bad])).toMatchObject({
      code: 'unavailable',
      message:
        'Sandboxes cannot be started here. bubblewrap: spawn bwrap ENOENT. Install it: sudo apt-get install bubblewrap',
    });
  });

  it('is looked for by starting one: a program that is not there is seen', async () => {
    const asRoot = process.getuid?.() === 0;
    for (const probe of await probeWalls()) expect(probe.ok || probe.todo !== '').toBe(true);
    if (refusalFor(await probeWalls()) !== null) return; // this machine has no walls to try
    expect((await outcome(await trialCommand(asRoot, ['/usr/bin/true']))).ok).toBe(true);
    expect((await outcome(await trialCommand(asRoot, ['/usr/bin/nonesuch']))).complaint).toContain(
      'nonesuch',
    );
  });
});

describe('a machine', () => {
  it('without cgroups is weaker, and says that bounds are advisory', () => {
    expect(probeBounds(NO_BOUNDS('no cgroup v2'))).toMatchObject({
      ok: false,
      need: 'wanted',
      todo: expect.stringContaining('advisory') as string,
    });
  });

  it('with little disk is warned of, with almost none refused', () => {
    expect(diskProbe(6 * GIB, '/s')).toMatchObject({ ok: true, found: '6.0 GiB free at /s' });
    expect(diskProbe(3 * GIB, '/s')).toMatchObject({ ok: false, need: 'wanted' });
    expect(diskProbe(GIB / 2, '/s')).toMatchObject({ ok: false, need: 'needed' });
  });
});
