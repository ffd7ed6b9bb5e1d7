import { readdir } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { runInside, until } from '../conformance.ts';
import { newId } from '../ids.ts';
import { processName } from './process.ts';
import { localSubject } from './testing/local-subject.ts';

describe('T71 without walls, where that was asked for', () => {
  it('a sandbox works, is called unsandboxed everywhere, keeps its home and ends wholly', async () => {
    const subject = await localSubject({ unsandboxed: true });
    const lab = newId();
    const sandbox = await subject.driver.claim({ lab, kit: 'bare' });
    expect(sandbox.isolation).toBe('unsandboxed');
    expect(subject.logged.join('\n')).toContain('sandboxes run WITHOUT walls');
    const { stdout } = await runInside(
      sandbox,
      'cd ~ && echo work > notes && pwd; type -p python; sleep 1000 >/dev/null 2>&1 & echo $!',
    );
    const [home = '', python = '', pid = ''] = stdout.trim().split('\n');
    expect(home).toBe(`${subject.folders.sandboxes}/${sandbox.id}/home/learner`);
    expect(python).toMatch(/\/bin\/python$/);
    await subject.driver.release(lab);
    await until(async () => (await processName(Number(pid))) === null, 5_000);
    expect(await readdir(`${subject.folders.homes}/${lab}/home`)).toEqual(['notes']);
    await subject.close();
  });

  it.runIf(process.getuid?.() === 0)('is even so not root', async () => {
    const subject = await localSubject({ unsandboxed: true });
    const sandbox = await subject.driver.claim({ lab: newId(), kit: 'bare' });
    const { stdout } = await runInside(sandbox, 'id -u; cat /etc/shadow 2>&1 | tail -1');
    expect(stdout).toMatch(/^\d{10}\n.*Permission denied/);
    await subject.close();
  });
});
