/** What bubblewrap, uids and cgroups promise, seen from inside. */
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { once } from 'node:events';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ask, runInside, until } from '../conformance.ts';
import type { Sandbox } from '../driver.ts';
import { newId } from '../ids.ts';
import { readRecord } from './record.ts';
import { LIMITS, localSubject, type LocalSubject } from './testing/local-subject.ts';

const asRoot = process.getuid?.() === 0;

describe('the walls of a local sandbox', () => {
  let subject: LocalSubject;
  let sandbox: Sandbox;
  let secret: string;
  beforeAll(async () => {
    process.env['PALESTRA_TEST_SECRET'] = 'canary-of-the-server';
    secret = await mkdtemp(join(tmpdir(), 'secret-'));
    await writeFile(join(secret, 'key'), 'a key', { mode: 0o600 });
    subject = await localSubject();
    sandbox = await subject.driver.claim({ lab: newId(), kit: 'bare' });
  });
  afterAll(async () => {
    await subject.close();
    await rm(secret, { recursive: true });
  });
  const inside = (script: string) => runInside(sandbox, script);
  const says = async (script: string) => (await inside(script)).stdout.trim();

  it('is uid 1000, named learner, with a home at /home/learner and nothing else of the host in /home', async () => {
    expect(await says('id -u; id -un; cd; pwd; ls /home')).toBe('1000\nlearner\n/home/learner\nlearner');
  });

  it('has a writable home and temporary folders, and nothing else to write to', async () => {
    expect(await says('cd; for d in ~ /tmp /var/tmp /dev/shm /run; do echo x > $d/x && echo ok; done')).toBe(
      'ok\nok\nok\nok\nok',
    );
    // without uids of their own, the folder above the home belongs to the server's user, as everything inside does
    const own = asRoot ? '/home' : '';
    const { stdout } = await inside(
      `for d in / /dev /opt /opt/kit /opt/palestra /usr /etc /run/palestra/config.json ${own} /proc/sys/kernel; do { touch \$d/x || echo x >> \$d; } 2>/dev/null && echo wrote \$d; done; df --output=size -B1 /tmp /run /dev/shm | tail -n +2`,
    );
    // each tmpfs is bounded: its pages are memory
    expect(stdout.trim().split('\n').map(Number)).toEqual([LIMITS.disk, LIMITS.disk, LIMITS.disk]);
  });

  it('holds no capability, cannot gain privileges, and is alone with its processes', async () => {
    const status = await says(
      'grep -E "^(CapEff|CapPrm|CapBnd|CapAmb|NoNewPrivs)" /proc/self/status | tr -d "\\t"',
    );
    expect(status.split('\n').sort()).toEqual([
      'CapAmb:0000000000000000',
      'CapBnd:0000000000000000',
      'CapEff:0000000000000000',
      'CapPrm:0000000000000000',
      'NoNewPrivs:1',
    ]);
    expect(await says('tr "\\0" " " </proc/1/cmdline')).toContain(
      '/opt/palestra/bin/node /opt/palestra/agent/',
    );
    expect(Number(await says('ls -d /proc/[0-9]* | wc -l'))).toBeLessThan(8);
  });

  it('cannot write sysctls, nor read what only root may (finding 2)', async () => {
    const before = await readFile('/proc/sys/kernel/core_pattern', 'utf8');
    const { stderr } = await inside('echo "|/tmp/x" > /proc/sys/kernel/core_pattern');
    expect(stderr).toMatch(/Read-only file system|Permission denied/);
    expect(await readFile('/proc/sys/kernel/core_pattern', 'utf8')).toBe(before);
    const tried = await inside('cat /etc/shadow /etc/gshadow');
    expect(tried.stdout).toBe('');
    expect(tried.exit).not.toBe(0);
  });

  it.runIf(asRoot)('runs as a host uid of its own, which is not the server’s', async () => {
    const record = await readRecord(join(subject.folders.sandboxes, sandbox.id));
    const status = await readFile(`/proc/${record?.process.pid}/status`, 'utf8');
    expect(status).toMatch(new RegExp(`^Uid:\\s+${record?.uid}\\s+${record?.uid}\\s+${record?.uid}\\s`, 'm'));
    const other = await subject.driver.claim({ lab: newId(), kit: 'bare' });
    const otherRecord = await readRecord(join(subject.folders.sandboxes, other.id));
    expect(otherRecord?.uid).not.toBe(record?.uid);
  });

  it('T72 sees no file, no environment and no process of the server', async () => {
    const { stdout } = await inside(
      `cat ${secret}/key ~/.ssh/* /root/.ssh/* 2>/dev/null; cat /proc/*/environ | tr "\\0" "\\n"; env`,
    );
    expect(stdout).not.toContain('a key');
    expect(stdout).not.toContain('canary');
    expect(
      await says(
        `test -e ${process.cwd()} && echo visible; test -e /proc/${process.pid}/exe && echo visible; echo end`,
      ),
    ).toBe('end');
    // ptrace by pid is meaningless in another pid namespace; by a sibling's memory it needs a capability
    const traced = await inside(`/usr/bin/python3 -I -c "
import ctypes
libc = ctypes.CDLL(None, use_errno=True)
print(libc.ptrace(16, ${process.pid}, 0, 0), ctypes.get_errno())"`);
    expect(traced.stdout.trim()).toBe('-1 3');
  });

  it('T73 makes no user namespace in it, and mounts nothing', async () => {
    const tried = await inside(
      'unshare --user true; echo $?; unshare --mount true; echo $?; bwrap --unshare-user --ro-bind / / true; echo $?; mount -t tmpfs t /tmp; echo $?',
    );
    expect(tried.stdout.trim().split('\n')).not.toContain('0');
  });

  it('T60 cannot reach another sandbox’s loopback, nor the host’s', async () => {
    const server = createServer((socket) => socket.end('reached')).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as { port: number };
    const other = await subject.driver.claim({ lab: newId(), kit: 'bare' });
    await runInside(
      other,
      'python -m http.server 8787 --bind 0.0.0.0 >/dev/null 2>&1 & until (echo > /dev/tcp/127.0.0.1/8787) 2>/dev/null; do sleep 0.05; done',
    );
    const tried = await inside(
      `for port in ${port} 8787; do (echo > /dev/tcp/127.0.0.1/$port) 2>/dev/null && echo reached; done; ls /sys/class/net 2>/dev/null; cat /proc/net/dev | grep -c :`,
    );
    server.close();
    expect(tried.stdout.trim()).toBe('1');
  });

  it('finds the tools a learner expects, and python from the kit', async () => {
    expect(await says('for tool in bash ps git less python python3; do type -p $tool; done')).toBe(
      '/usr/bin/bash\n/usr/bin/ps\n/usr/bin/git\n/usr/bin/less\n/opt/kit/bin/python\n/usr/bin/python3',
    );
    expect(await says('locale 2>&1 | head -1; python -c "import ssl, sqlite3, zlib; print(1)"')).toBe(
      'LANG=C.UTF-8\n1',
    );
  });

  it('knows lab and localhost by name, and nobody else', async () => {
    expect(
      await says(
        'hostname; getent hosts lab | cut -d" " -f1; getent hosts example.org; cat /etc/resolv.conf',
      ),
    ).toMatch(/^lab\n(127\.0\.0\.1)$/);
  });

  it('bounds processes: a fork bomb ends in itself and the agent answers', async () => {
    const record = await readRecord(join(subject.folders.sandboxes, sandbox.id));
    if (record?.watched.includes('pids') === true) return expect(sandbox.isolation).toBe('advisory');
    const { stdout } = await inside(
      'for i in $(seq 200); do sleep 5 & done 2>/dev/null; jobs -p | wc -l; kill $(jobs -p)',
    );
    expect(Number(stdout.trim())).toBeLessThan(64);
    expect((await inside('echo alive')).stdout).toBe('alive\n');
  });

  it('bounds memory: what eats it is ended, and the agent lives', async () => {
    const record = await readRecord(join(subject.folders.sandboxes, sandbox.id));
    if (record?.watched.includes('memory') === true) return expect(sandbox.isolation).toBe('advisory');
    const eaten = await inside(
      'echo 500 > /proc/self/oom_score_adj; python -c "b = bytearray(2 * 1024**3); print(len(b))"',
    );
    expect(eaten.stdout).toBe('');
    expect(eaten.exit).not.toBe(0);
    expect((await inside('echo alive')).stdout).toBe('alive\n');
  });

  it('says `lost` and why when the agent itself has no memory left', async () => {
    const reasons: string[] = [];
    const victim = await subject.driver.claim({ lab: newId(), kit: 'bare' });
    const record = await readRecord(join(subject.folders.sandboxes, victim.id));
    if (record?.watched.includes('memory') === true) return expect(victim.isolation).toBe('advisory');
    using _watch = subject.driver.watch(
      (event) => void (event.type === 'lost' && reasons.push(event.reason)),
    );
    await expect(ask(victim, '/eat')).rejects.toThrow();
    await until(() => reasons.length > 0);
    expect(reasons).toEqual(['its programs used more memory than the sandbox has']);
  });

  it('keeps its agent through kill -9 of everything (finding 12)', async () => {
    await inside('kill -9 1; kill -9 -1').catch(() => undefined); // the script itself is among the killed
    expect((await inside('echo alive')).stdout).toBe('alive\n');
  });
});
