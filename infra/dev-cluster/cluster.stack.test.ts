/** The cluster as it really is: what it admits, what it shuts, and that it comes, goes and leaves nothing. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { processName } from '../../sandbox-server/sandboxes/local/process.ts';
import { ServiceStatus } from '../../sandbox-server/contract/service.ts';
import {
  command,
  kubectlPath,
  missing,
  openCluster,
  runProgram,
  type Cluster,
} from '../../tests/stack/cluster/cluster.ts';
import { until } from '../../tests/stack/until.ts';
import { defaultDeny, loadBusybox, namespace, pod, podSpec } from '../../tests/stack/cluster/busybox.ts';

const lacks = missing();
if (lacks !== null) console.warn(`skipped: ${lacks}`);
const SHUT = 'cluster-test-shut';
const OPEN = 'cluster-test-open';
const SERVE = 'echo ready; while :; do echo hello | /busybox nc -l -p 8080; done';

describe.skipIf(lacks !== null)('the dev cluster', () => {
  let cluster: Cluster;
  beforeAll(async () => {
    cluster = await openCluster();
    await loadBusybox(cluster);
    await cluster.kubectl(['delete', 'namespace', SHUT, OPEN, '--ignore-not-found', '--wait'], {
      ms: 120_000,
    });
    await cluster.apply(namespace(SHUT), namespace(OPEN), defaultDeny(SHUT));
    await cluster.apply(
      pod(OPEN, 'server', SERVE),
      service('server'),
      pod(OPEN, 'client', '/busybox sleep 3600'),
    );
    await ready(OPEN, 'server', 'client');
  }, 240_000);
  afterAll(async () => {
    await cluster.kubectl(['delete', 'namespace', SHUT, OPEN, '--ignore-not-found', '--wait=false']);
  });

  const ready = (space: string, ...names: readonly string[]) =>
    cluster.kubectlOk(
      ['-n', space, 'wait', '--for=condition=Ready', '--timeout=120s', ...names.map((name) => `pod/${name}`)],
      { ms: 130_000 },
    );
  const exec = (space: string, name: string, script: string) =>
    cluster.kubectl(['-n', space, 'exec', name, '--', '/busybox', 'sh', '-c', script]);
  const addressOf = async (space: string, name: string) =>
    cluster.kubectlOk(['-n', space, 'get', 'pod', name, '-o', 'jsonpath={.status.podIP}']);

  it('names services, and says at once of a name from outside that it is not', async () => {
    const inside = await exec(OPEN, 'client', '/busybox nslookup kubernetes.default.svc.cluster.local');
    expect(inside.stdout).toContain(cluster.addresses?.api);
    const outside = await exec(OPEN, 'client', '/busybox nslookup www.infn.it');
    expect(`${outside.stdout}${outside.stderr}`).toContain('NXDOMAIN');
  });

  it('runs commands in pods, shows their logs, forwards their ports, and serves a service', async () => {
    expect((await exec(OPEN, 'client', '/busybox id -u')).stdout.trim()).toBe('1000');
    expect(await cluster.kubectlOk(['-n', OPEN, 'logs', 'server'])).toContain('ready');
    expect(await exec(OPEN, 'client', '/busybox nc -w 5 server 8080 < /dev/null')).toMatchObject({
      code: 0,
      stdout: 'hello\n',
    });
    expect(await forwarded()).toContain('Forwarding from 127.0.0.1:');
  });

  it('T39 refuses a privileged pod where restricted holds, naming the field', async () => {
    const bare = { name: 'busybox', image: 'localhost/palestra/busybox:1' };
    const refused = await cluster.kubectl(['create', '-f', '-'], {
      input: JSON.stringify({
        apiVersion: 'v1',
        kind: 'Pod',
        metadata: { namespace: OPEN, name: 'root' },
        spec: { containers: [{ ...bare, securityContext: { privileged: true } }] },
      }),
    });
    expect(refused.code).not.toBe(0);
    expect(refused.stderr).toContain('violates PodSecurity "restricted');
    expect(refused.stderr).toContain('securityContext.privileged=true');
  });

  it('lets nobody in without a certificate or token, but for questions about health', async () => {
    const status = async (path: string) => {
      const url = `https://${cluster.addresses?.node}:6443${path}`;
      const asked = await runProgram(['curl', '-sk', '-o', '/dev/null', '-w', '%{http_code}', url], {
        env: process.env,
      });
      return asked.stdout;
    };
    expect([await status('/readyz'), await status('/api/v1/namespaces'), await status('/version')]).toEqual([
      '200',
      '401',
      '401',
    ]);
  });

  it('T54 no new pod is open before its policy holds: 50 starts under default deny, 0 opens', async () => {
    const target = await addressOf(OPEN, 'server');
    // the same probe where nothing is shut opens at once: it can tell
    await cluster.apply(prober(OPEN, 'control', 1, target));
    await finished(OPEN, 'control', 1);
    expect(await opens(OPEN, 'control')).not.toEqual(['opens 0']);
    await cluster.apply(prober(SHUT, 'probe', 50, target));
    await finished(SHUT, 'probe', 50);
    const seen = await opens(SHUT, 'probe');
    expect(seen.length).toBeGreaterThanOrEqual(50);
    expect(new Set(seen)).toEqual(new Set(['opens 0']));
  }, 200_000);

  it('writes down who did what', async () => {
    const lines = (await readFile(join(cluster.folder ?? '', 'log/audit.jsonl'), 'utf8'))
      .trimEnd()
      .split('\n');
    const last = JSON.parse(lines.at(-1) ?? '') as Record<string, unknown>;
    expect(last).toMatchObject({ kind: 'Event', level: 'Metadata' });
    expect(last).not.toHaveProperty('requestObject');
  });

  it('a second up finds it running; two at once are one', async () => {
    const [first, second] = await Promise.all([cluster.command('up'), cluster.command('up')]);
    for (const { code, stdout } of [first, second]) {
      expect(code).toBe(0);
      expect(stdout).not.toContain('"stage":"box"');
    }
  });

  it('a program that is killed is started again', async () => {
    await killed('kube-router');
    const healthy = await until(
      () => statusOf(cluster),
      ({ state, parts }) =>
        state === 'up' && (parts.find((part) => part.name === 'kube-router')?.found ?? '').includes('again'),
    );
    expect(healthy.parts.find(({ name }) => name === 'kube-router')?.found).toContain('started again 1 time');
  });

  it('after a kill -9 of its supervisor nothing runs on, and up brings objects and pods back', async () => {
    await killed('box/main.ts');
    await until(
      () => boxProcesses(cluster),
      (pids) => pids.length === 0,
      20_000,
    );
    expect((await cluster.command('up')).code).toBe(0);
    await cluster.kubectlOk(['get', 'namespace', OPEN]);
    expect(await statusOf(cluster)).toMatchObject({ state: 'up' });
  }, 180_000);

  it('down leaves nothing: no process, mount, interface, route, rule or cgroup; not after a kill -9 either', async () => {
    const before = await traces();
    expect(before).not.toEqual([]);
    await killed('unshare');
    expect((await cluster.command('down')).code).toBe(0);
    expect(await traces()).toEqual([]);
    expect((await statusOf(cluster)).state).toBe('down');
    // again: nothing to do is no error
    expect((await cluster.command('down')).code).toBe(0);
    expect((await cluster.command('up')).code).toBe(0);
  }, 180_000);

  function service(name: string): object {
    return {
      apiVersion: 'v1',
      kind: 'Service',
      metadata: { namespace: OPEN, name },
      spec: { selector: { app: name }, ports: [{ port: 8080 }] },
    };
  }

  /** Pods that try to connect for two seconds from their first instruction on, and say how often they could. */
  function prober(space: string, name: string, completions: number, target: string): object {
    const script = `n=0; end=$(($(/busybox date +%s) + 2)); while [ $(/busybox date +%s) -le $end ]; do
      /busybox timeout 1 /busybox nc ${target} 8080 < /dev/null > /dev/null 2>&1 && n=$((n+1)); done; echo opens $n`;
    return {
      apiVersion: 'batch/v1',
      kind: 'Job',
      metadata: { namespace: space, name },
      spec: { completions, parallelism: 10, backoffLimit: 0, template: { spec: podSpec(script) } },
    };
  }
  function finished(space: string, name: string, count: number): Promise<string> {
    return until(
      () => cluster.kubectlOk(['-n', space, 'get', 'job', name, '-o', 'jsonpath={.status.succeeded}']),
      (succeeded) => Number(succeeded) >= count,
      180_000,
    );
  }
  async function opens(space: string, job: string): Promise<readonly string[]> {
    const words = ['-n', space, 'logs', '-l', `job-name=${job}`, '--tail=-1', '--max-log-requests=60'];
    return (await cluster.kubectlOk(words)).trimEnd().split('\n');
  }

  async function forwarded(): Promise<string> {
    const env = { ...process.env, KUBECONFIG: cluster.kubeconfig };
    const child = spawn(await kubectlPath(), ['-n', OPEN, 'port-forward', 'pod/server', ':8080'], { env });
    try {
      const [said] = (await once(child.stdout, 'data')) as [Buffer];
      const port = /127\.0\.0\.1:(\d+)/.exec(said.toString())?.[1] ?? '0';
      const heard = await runProgram(
        ['sh', '-c', `nc -h >/dev/null 2>&1; busybox nc -w 5 127.0.0.1 ${port} < /dev/null`],
        {
          env: process.env,
        },
      );
      expect(heard.stdout).toBe('hello\n');
      return said.toString();
    } finally {
      child.kill();
      await once(child, 'close');
    }
  }

  async function killed(what: string): Promise<void> {
    const pids = await boxProcesses(cluster);
    for (const pid of pids) {
      const line = await commandLine(pid);
      if (!line.includes(what)) continue;
      if ((await processName(pid)) === null) continue;
      process.kill(pid, 'SIGKILL');
      return;
    }
    throw new Error(`no ${what} among ${pids.length} processes`);
  }
});

async function statusOf(cluster: Cluster): Promise<ServiceStatus> {
  return ServiceStatus.parse(JSON.parse((await cluster.command('status')).stdout));
}

/** Whoever names the cluster's folder in its words. */
async function boxProcesses({ folder }: Cluster): Promise<readonly number[]> {
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name)).map(Number);
  const ours = await Promise.all(pids.map(async (pid) => ({ pid, line: await commandLine(pid) })));
  return ours.filter(({ line }) => folder !== null && line.includes(`${folder}/`)).map(({ pid }) => pid);
}
async function commandLine(pid: number): Promise<string> {
  return readFile(`/proc/${pid}/cmdline`, 'utf8').then(
    (text) => text.replaceAll('\0', ' '),
    () => '', // it ended
  );
}

/** What is left of a cluster on the machine. */
async function traces(): Promise<readonly string[]> {
  const { stdout: kubeconfig } = await command('kubeconfig');
  const folder = join((JSON.parse(kubeconfig) as { kubeconfig: string }).kubeconfig, '..');
  const script = `
    number=\${PALESTRA_TEST_CLUSTER:-2}
    ls -d /sys/fs/cgroup/*/palestra-$number /sys/fs/cgroup/palestra-$number 2>/dev/null
    ip -br link | grep -w "palestra-$number@[^ ]*"
    ip route | grep -E "10\\.(98\\.$number|$((100+number))|$((200+number)))\\."
    grep " $0/" /proc/self/mountinfo
    (iptables-save; nft list ruleset) 2>/dev/null | grep -iE "kube|10\\.$((100+number))\\."
    ls -d /var/lib/cni /var/log/containers /var/log/pods /usr/libexec/kubernetes /var/lib/kubelet 2>/dev/null
    ls $0/*.sock 2>/dev/null; true`;
  const { stdout } = await runProgram(['sh', '-c', script, folder], { env: process.env });
  return stdout.split('\n').filter((line) => line !== '');
}
