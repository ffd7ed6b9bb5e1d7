/** What holds in and around real pods: claims and their faults, and what a learner can do from inside. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { RunResult } from '../../contract/agent.ts';
import { until } from '../conformance.ts';
import type { Sandbox, SandboxEvent } from '../driver.ts';
import { newId } from '../ids.ts';
import { fingerprintAt } from '../link/dial.ts';
import { clusterSubject, podOf } from './testing/cluster-subject.ts';
import type { ClusterSubject } from './testing/cluster-subject.ts';

const MINUTE = 60_000;
let subject: ClusterSubject;
let events: SandboxEvent[];
beforeAll(async () => {
  subject = await clusterSubject();
  await subject.driver.adopt();
  events = [];
  subject.driver.watch((event) => events.push(event));
});
afterAll(() => subject.close());

async function claimed(): Promise<Sandbox & { lab: string }> {
  const lab = newId();
  const sandbox = await subject.driver.claim({ lab, kit: 'base' });
  const claim = { lab, user: 'st07', fullName: 'Ada Learner', seed: '0123456789abcdef', env: {} };
  await subject.linkTo(sandbox).claim(claim);
  return { ...sandbox, lab };
}
const run = (sandbox: Sandbox, code: string, timeout = 30): Promise<RunResult> =>
  subject.linkTo(sandbox).run({ lang: 'bash', code, timeout, fixtures: [], env: {} });
const warm = async (n: number): Promise<void> => {
  subject.driver.keepWarm('base', n);
  await until(
    async () =>
      (await subject.driver.list()).filter(
        ({ lab, agent }) => lab === null && agent.kind === 'tls' && agent.pin !== '',
      ).length >= n,
    2 * MINUTE,
  );
};
const lossOf = (lab: string) => events.find((event) => event.type === 'lost' && event.sandbox.lab === lab);

interface Pod {
  readonly metadata: { readonly name: string; readonly creationTimestamp: string };
  readonly spec: { readonly schedulingGates?: unknown };
  readonly status: {
    readonly conditions?: readonly { type: string; status: string; lastTransitionTime: string }[];
  };
}
async function warmPods(): Promise<readonly Pod[]> {
  const { items } = JSON.parse(await subject.kubectl('get', 'pods', '-l', 'app=warm', '-o', 'json')) as {
    items: readonly Pod[];
  };
  return items;
}
const conditionOf = (pod: Pod | undefined, name: string) =>
  pod?.status.conditions?.find(({ type }) => type === name);
const isReady = (pod: Pod): boolean => conditionOf(pod, 'Ready')?.status === 'True';

describe('inside a pod', () => {
  let sandbox: Sandbox & { lab: string };
  beforeAll(async () => {
    sandbox = await claimed();
  });

  it('T40 the learner is nobody: uid 1000, no capabilities, no new privileges, seccomp, a root that is read only', async () => {
    const { stdout } = await run(
      sandbox,
      'id -u; grep -E "^(CapEff|CapBnd|NoNewPrivs|Seccomp):" /proc/self/status; touch /x 2>&1; echo writable > ~/f && cat ~/f',
    );
    const lines = stdout.split('\n').map((line) => line.replace(/\s+/g, ' '));
    const none = '0000000000000000';
    for (const line of [
      '1000',
      `CapEff: ${none}`,
      `CapBnd: ${none}`,
      'NoNewPrivs: 1',
      'Seccomp: 2',
      'writable',
    ])
      expect(lines).toContain(line);
    expect(stdout).toContain('Read-only file system');
  });

  it('T44 mount, raw sockets, other processes and the kernel’s keys are denied', async () => {
    const { stdout } = await run(
      sandbox,
      [
        'mount -t tmpfs x /mnt 2>/dev/null && echo mounted',
        'unshare -Ur true 2>/dev/null && echo unshared',
        'python3 -c "import socket; socket.socket(socket.AF_INET, socket.SOCK_RAW, 1)" 2>/dev/null && echo raw',
        'echo 1 > /proc/sys/kernel/core_pattern 2>/dev/null && echo sysctl',
        'dmesg >/dev/null 2>&1 && echo dmesg',
        'ls /dev | grep -E "^(sd|vd|nvme|kvm|mem)" ',
        'echo done',
      ].join('\n'),
    );
    expect(stdout).toBe('done\n');
  });

  it('T48 there is no token of the cluster, and no address of it in a shell’s environment', async () => {
    const look =
      'find -L /run/secrets /var/run/secrets -type f 2>/dev/null; env | grep -i kubernetes; echo done';
    expect((await run(sandbox, look)).stdout).toBe('done\n');
  });

  it('T42 F15 a program that eats memory ends alone: agent and shell go on', async () => {
    const { boot } = await subject.linkTo(sandbox).status();
    const eaten = await run(sandbox, 'choom -n 500 -- tail -c 2G /dev/zero | tail; echo "ended with $?"', 60);
    expect(eaten.stdout + eaten.stderr).not.toBe('');
    const after = await subject.linkTo(sandbox).status();
    expect(after.boot).toBe(boot);
    expect((await run(sandbox, 'cat ~/f')).stdout).toBe('writable\n');
  });
});

describe('claims on a real cluster', () => {
  it('are one write, and the pod is let go by its ReplicaSet (finding 1)', async () => {
    await warm(2);
    const sandbox = await claimed();
    const pod = await podOf(subject, sandbox.lab);
    const object = JSON.parse(await subject.kubectl('get', 'pod', pod, '-o', 'json')) as {
      metadata: {
        labels: Record<string, string>;
        ownerReferences?: unknown;
        annotations: Record<string, string>;
      };
      spec: { activeDeadlineSeconds?: number };
    };
    expect(object.metadata.ownerReferences).toBeUndefined();
    expect(object.metadata.labels).toMatchObject({ app: 'claimed', 'palestra.dev/lab': sandbox.lab });
    expect(object.metadata.labels['pod-template-hash']).toBeUndefined();
    expect(object.spec.activeDeadlineSeconds).toBeGreaterThan(0);
    if (sandbox.agent.kind !== 'tls') throw new Error('a pod is reached over TLS');
    expect(object.metadata.annotations['palestra.dev/pin']).toBe(sandbox.agent.pin);
    expect(await fingerprintAt(sandbox.agent)).toBe(sandbox.agent.pin);
  });

  it('leave the node to whoever starts: the pod that takes a claimed one’s place has none for a while, then the pool is full', async () => {
    await warm(2);
    const before = new Set((await warmPods()).map(({ metadata }) => metadata.name));
    await claimed();
    await until(async () => (await warmPods()).filter(isReady).length >= 2, 2 * MINUTE);
    const later = (await warmPods()).find(({ metadata }) => !before.has(metadata.name));
    const waited =
      Date.parse(conditionOf(later, 'PodScheduled')?.lastTransitionTime ?? '') -
      Date.parse(later?.metadata.creationTimestamp ?? '');
    // 5 s after the claim; the cluster counts in whole seconds
    expect(waited).toBeGreaterThanOrEqual(4_000);
    expect(later?.spec.schedulingGates).toBeUndefined();
  });

  it('finding 1: survive a scale-down to nothing and the end of their Deployment', async () => {
    await warm(3);
    const labs = Array.from({ length: 3 }, () => newId());
    const claims = labs.map((lab) => subject.driver.claim({ lab, kit: 'base' }));
    subject.driver.keepWarm('base', 0);
    const sandboxes = await Promise.all(claims);
    await subject.kubectl('delete', 'deployments', '--all', '--cascade=foreground', '--timeout=60s');
    for (const sandbox of sandboxes)
      expect((await subject.linkTo(sandbox).status()).sandbox).toBe(sandbox.id);
    await Promise.all(labs.map((lab) => subject.driver.release(lab)));
  });

  it('F22 of two servers for one lab end with one sandbox, and another server finds it again', async () => {
    await warm(2);
    const other = await subject.second();
    await other.adopt();
    const lab = newId();
    const [one, two] = await Promise.all([
      subject.driver.claim({ lab, kit: 'base' }),
      other.claim({ lab, kit: 'base' }),
    ]);
    expect(one.id).toBe(two.id);
    await until(
      async () =>
        (await subject.kubectl('get', 'pods', '-l', `palestra.dev/lab=${lab}`, '-o', 'name'))
          .trim()
          .split('\n').length === 1,
      MINUTE,
    );
    const third = await subject.second();
    expect((await third.adopt()).find((sandbox) => sandbox.lab === lab)).toEqual(one);
    await subject.driver.release(lab);
  });
});

describe('what ends a sandbox is told', () => {
  it('finding 3: an agent that ended and was started again is a sandbox lost, with a reason', async () => {
    const sandbox = await claimed();
    // process 1 is deaf to SIGKILL from inside its own namespace
    await subject.kubectl('exec', await podOf(subject, sandbox.lab), '--', 'sh', '-c', 'kill -TERM 1');
    await until(() => lossOf(sandbox.lab) !== undefined, MINUTE);
    expect(lossOf(sandbox.lab)).toMatchObject({
      reason: expect.stringMatching(/^its (agent ended|programs used)/) as string,
    });
    const next = await subject.driver.claim({ lab: sandbox.lab, kit: 'base' });
    expect(next.id).not.toBe(sandbox.id);
  });

  it('F3 a pod that died while no server looked is not found again', async () => {
    const sandbox = await claimed();
    await subject.kubectl('delete', 'pod', await podOf(subject, sandbox.lab), '--grace-period=1');
    const later = await subject.second();
    expect((await later.adopt()).map(({ id }) => id)).not.toContain(sandbox.id);
  });

  it('T47 an image that is not there is said, with its name', async () => {
    const other = await subject.second({
      settingsOf: () => ({ ...subject.settings, image: 'localhost/palestra/nothing:1', pullPolicy: 'Never' }),
    });
    await other.adopt();
    await expect(other.claim({ lab: newId(), kit: 'base' })).rejects.toMatchObject({
      code: 'kit-missing',
      message: expect.stringContaining('localhost/palestra/nothing:1') as string,
    });
  });
});

describe('T39 the cluster itself refuses', () => {
  const pod = (spec: object) => ({
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: `bad-${newId().slice(0, 8)}`, namespace: subject.namespace },
    spec: {
      containers: [{ name: 'c', image: 'x', ...('container' in spec ? (spec.container as object) : {}) }],
      ...('pod' in spec ? (spec.pod as object) : {}),
    },
  });
  it.each<[string, object, string]>([
    ['privileged', { container: { securityContext: { privileged: true } } }, 'privileged'],
    ['hostPath', { pod: { volumes: [{ name: 'h', hostPath: { path: '/' } }] } }, 'hostPath'],
    ['hostNetwork', { pod: { hostNetwork: true } }, 'host namespaces'],
    ['SYS_ADMIN', { container: { securityContext: { capabilities: { add: ['SYS_ADMIN'] } } } }, 'SYS_ADMIN'],
  ])('%s, naming it', async (_, spec, named) => {
    await expect(subject.cluster.apply(pod(spec))).rejects.toThrow(named);
  });
});
