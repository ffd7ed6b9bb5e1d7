import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { goFirst } from './precedence.ts';

const MODULE = new URL('precedence.ts', import.meta.url).pathname;
const SCRIPT = `
import { goFirst } from '${MODULE}';
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
const agreed = goFirst();
const child = spawnSync('setsid', ['--wait', 'cat', '/proc/self/autogroup'], { encoding: 'utf8' }).stdout;
console.log(JSON.stringify({ agreed, own: readFileSync('/proc/self/autogroup', 'utf8'), child }));`;

/** in a process and session of its own: what is raised stays raised */
function asked(...before: string[]): { agreed: boolean; own: string; child: string } {
  const [command = '', ...args] = [...before, process.execPath, '--input-type=module', '-e', SCRIPT];
  return JSON.parse(execFileSync(command, args, { encoding: 'utf8' })) as ReturnType<typeof asked>;
}
const may =
  process.getuid?.() === 0 &&
  existsSync('/proc/self/autogroup') &&
  readFileSync('/proc/sys/kernel/sched_autogroup_enabled', 'utf8').trim() === '1';

describe('the server’s precedence', () => {
  it.runIf(may)('is raised where root starts it, and no sandbox inherits it', () => {
    const { agreed, own, child } = asked('setsid', '--wait');
    expect(agreed).toBe(true);
    expect(own).toMatch(/nice -15/);
    expect(child).toMatch(/nice 0/);
  });
  it.runIf(may)('is left alone, without a fuss, where the kernel says no', () => {
    const unprivileged = [
      'setsid',
      '--wait',
      'setpriv',
      '--reuid',
      '65534',
      '--clear-groups',
      '--inh-caps=-all',
      '--bounding-set=-all',
    ];
    expect(asked(...unprivileged)).toMatchObject({
      agreed: false,
      own: expect.stringMatching(/nice 0/) as string,
    });
  });
  it('is no matter on a kernel without session groups', () =>
    expect(goFirst('/proc/self/no-such-file')).toBe(false));
});
