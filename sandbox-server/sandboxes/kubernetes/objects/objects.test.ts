/** Everything that is written to the cluster, as whole objects: what keeps a learner in must not change by accident. */
import { generateKeyPairSync } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { claimPatch, pinPatch, releasePatch, ungatePatch } from './claim-patch.ts';
import { coldPod, coldPodName } from './cold-pod.ts';
import { homeClaim } from './home-volume.ts';
import { podTemplate, versionOf } from './pod-template.ts';
import type { PodSettings } from './pod-template.ts';
import { pool, poolName } from './pool.ts';
import { ticketKeys } from './ticket-keys.ts';

const GiB = 1024 ** 3;
const SETTINGS: PodSettings = {
  kit: 'dask',
  image: 'localhost/palestra/dask:0123456789ab',
  pullPolicy: 'Never',
  limits: { memory: 3 * GiB, disk: 2 * GiB, pids: 512, cpu: 2 },
  requests: { memory: GiB / 4, cpu: 0.1 },
};
const NOW = Date.parse('2026-11-24T18:00:00Z');
const SPEC = {
  restartPolicy: 'Always',
  terminationGracePeriodSeconds: 30,
  automountServiceAccountToken: false,
  enableServiceLinks: false,
  securityContext: {
    runAsNonRoot: true,
    runAsUser: 1000,
    runAsGroup: 1000,
    fsGroup: 1000,
    fsGroupChangePolicy: 'OnRootMismatch',
    seccompProfile: { type: 'RuntimeDefault' },
  },
  containers: [
    {
      name: 'sandbox',
      image: 'localhost/palestra/dask:0123456789ab',
      imagePullPolicy: 'Never',
      command: ['/opt/palestra/bin/node', '/opt/palestra/agent.js', '--pod'],
      workingDir: '/home/learner',
      env: [
        { name: 'PALESTRA_POD_UID', valueFrom: { fieldRef: { fieldPath: 'metadata.uid' } } },
        { name: 'PALESTRA_DISK', value: '2147483648' },
        { name: 'PALESTRA_PIDS', value: '512' },
        { name: 'PALESTRA_CPUS', value: '2' },
        { name: 'PALESTRA_IMAGE', value: 'localhost/palestra/dask:0123456789ab' },
      ],
      ports: [{ name: 'agent', containerPort: 7070 }],
      startupProbe: { tcpSocket: { port: 'agent' }, periodSeconds: 1, failureThreshold: 60 },
      readinessProbe: { tcpSocket: { port: 'agent' }, periodSeconds: 10, timeoutSeconds: 5 },
      resources: {
        requests: { cpu: '100m', memory: '268435456' },
        limits: { cpu: '2', memory: '3221225472' },
      },
      securityContext: {
        privileged: false,
        allowPrivilegeEscalation: false,
        readOnlyRootFilesystem: true,
        capabilities: { drop: ['ALL'] },
      },
      volumeMounts: [
        { name: 'home', mountPath: '/home/learner' },
        { name: 'tmp', mountPath: '/tmp' },
        { name: 'run', mountPath: '/run/palestra' },
        { name: 'tokens', mountPath: '/run/palestra/tokens' },
        { name: 'keys', mountPath: '/etc/palestra/keys', readOnly: true },
      ],
    },
  ],
  volumes: [
    { name: 'home', emptyDir: { sizeLimit: '2684354560' } },
    { name: 'tmp', emptyDir: { medium: 'Memory', sizeLimit: '1610612736' } },
    { name: 'run', emptyDir: { sizeLimit: '2684354560' } },
    { name: 'tokens', emptyDir: { medium: 'Memory', sizeLimit: '1Mi' } },
    { name: 'keys', configMap: { name: 'palestra-ticket-keys' } },
  ],
};
/** a pool's: its scheduler waits for a server's word */
const WARM_SPEC = { ...SPEC, schedulingGates: [{ name: 'palestra.dev/after-starts' }] };
const VERSION = versionOf(SETTINGS);
const LABELS = {
  app: 'warm',
  'app.kubernetes.io/name': 'palestra-sandbox',
  'app.kubernetes.io/managed-by': 'palestra',
  'palestra.dev/kit': 'dask',
  'palestra.dev/version': VERSION,
};

describe('a sandbox’s pod', () => {
  it('T39 T40 T48 is this and nothing else: no privilege, no host, no token, no root', () => {
    expect(podTemplate(SETTINGS)).toEqual({
      metadata: { labels: LABELS, annotations: { 'palestra.dev/image': SETTINGS.image } },
      spec: WARM_SPEC,
    });
  });

  it('has what an operator adds: runtime class, priority, nodes, user namespaces', () => {
    const more = {
      runtimeClass: 'gvisor',
      priorityClass: 'labs',
      nodeSelector: { pool: 'labs' },
      userNamespaces: true,
    };
    expect(podTemplate({ ...SETTINGS, ...more }).spec).toEqual({
      ...WARM_SPEC,
      runtimeClassName: 'gvisor',
      priorityClassName: 'labs',
      nodeSelector: { pool: 'labs' },
      hostUsers: false,
    });
  });

  it('made for a lab whose home is on a volume has files and history there, and is the same else', () => {
    const made = { namespace: 'n', lab: 'lab1', settings: SETTINGS, now: 0, lifetime: 60 };
    const { spec } = coldPod({ ...made, homeClaim: 'home-lab1' }) as { spec: typeof SPEC };
    expect(spec.volumes).toEqual([
      { name: 'home', persistentVolumeClaim: { claimName: 'home-lab1' } },
      ...SPEC.volumes.slice(1),
    ]);
    expect(spec.containers[0]?.volumeMounts).toEqual([
      { name: 'home', mountPath: '/home/learner', subPath: 'home' },
      { name: 'home', mountPath: '/run/palestra/logs', subPath: 'logs' },
      ...(SPEC.containers[0]?.volumeMounts.slice(1) ?? []),
    ]);
    expect(homeClaim('n', 'lab1', { bytes: 1024 })).toMatchObject({
      metadata: { name: 'home-lab1', namespace: 'n' },
      spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1024' } } },
    });
  });

  it('knows services by name, on its own loopback', () => {
    const hosts = ['rucio.lake.test', 'cnaf.lake.test'];
    expect(podTemplate({ ...SETTINGS, hosts }).spec).toEqual({
      ...WARM_SPEC,
      hostAliases: [{ ip: '127.0.0.1', hostnames: hosts }],
    });
    expect(podTemplate({ ...SETTINGS, hosts: [] }).spec).toEqual(WARM_SPEC);
  });

  it('F24 has another version with anything that changes, and the same without', () => {
    expect(VERSION).toMatch(/^[0-9a-f]{8}$/);
    expect(versionOf({ ...SETTINGS })).toBe(VERSION);
    const others = [
      { ...SETTINGS, image: 'localhost/palestra/dask:ba9876543210' },
      { ...SETTINGS, limits: { ...SETTINGS.limits, memory: GiB } },
      { ...SETTINGS, requests: { ...SETTINGS.requests, cpu: 0.2 } },
      { ...SETTINGS, userNamespaces: true },
    ].map(versionOf);
    expect(new Set([VERSION, ...others]).size).toBe(5);
  });
});

describe('a pool', () => {
  it('is a Deployment of its kit’s version whose selector fits no other’s pods (finding 8)', () => {
    expect(pool('palestra-sandboxes', SETTINGS, 3)).toEqual({
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      metadata: {
        name: `pool-dask-${VERSION}`,
        namespace: 'palestra-sandboxes',
        labels: {
          'app.kubernetes.io/name': 'palestra-sandbox',
          'app.kubernetes.io/managed-by': 'palestra',
          'palestra.dev/kit': 'dask',
          'palestra.dev/version': VERSION,
        },
      },
      spec: {
        replicas: 3,
        revisionHistoryLimit: 0,
        strategy: { type: 'Recreate' },
        selector: {
          matchLabels: { app: 'warm', 'palestra.dev/kit': 'dask', 'palestra.dev/version': VERSION },
        },
        template: {
          metadata: { labels: LABELS, annotations: { 'palestra.dev/image': SETTINGS.image } },
          spec: WARM_SPEC,
        },
      },
    });
    expect(poolName(SETTINGS)).toBe(`pool-dask-${VERSION}`);
  });
});

describe('a claim', () => {
  const facts = { uid: 'u', lab: 'labaaaaaaaaaaaaaaaaa', pin: 'p'.repeat(64), now: NOW, lifetime: 3600 };

  it('is one patch: three tests, then the lab, nobody’s selector any more, and an end (findings 1, 4, 8)', () => {
    expect(claimPatch({ ...facts, startedAt: NOW - 90_500 })).toEqual([
      { op: 'test', path: '/metadata/uid', value: 'u' },
      { op: 'test', path: '/metadata/labels/app', value: 'warm' },
      { op: 'test', path: '/metadata/deletionTimestamp', value: null },
      { op: 'replace', path: '/metadata/labels/app', value: 'claimed' },
      { op: 'add', path: '/metadata/labels/palestra.dev~1lab', value: 'labaaaaaaaaaaaaaaaaa' },
      { op: 'remove', path: '/metadata/labels/pod-template-hash' },
      { op: 'add', path: '/metadata/annotations/palestra.dev~1pin', value: 'p'.repeat(64) },
      {
        op: 'add',
        path: '/metadata/annotations/palestra.dev~1claimed-at',
        value: '2026-11-24T18:00:00.000Z',
      },
      {
        op: 'add',
        path: '/metadata/annotations/cluster-autoscaler.kubernetes.io~1safe-to-evict',
        value: 'false',
      },
      // the kubelet counts from the pod's own start: 91 s of waiting are not the learner's
      { op: 'add', path: '/spec/activeDeadlineSeconds', value: 3691 },
    ]);
  });

  it('F18 of a pod from the future by another clock still has its whole time', () => {
    const operations = claimPatch({ ...facts, startedAt: NOW + 600_000 });
    expect(operations.at(-1)?.value).toBe(3600);
  });

  it('lets the scheduler have a pool’s pod, and takes no other’s gate away', () => {
    expect(ungatePatch('u', 1)).toEqual([
      { op: 'test', path: '/metadata/uid', value: 'u' },
      { op: 'test', path: '/spec/schedulingGates/1/name', value: 'palestra.dev/after-starts' },
      { op: 'remove', path: '/spec/schedulingGates/1' },
    ]);
  });

  it('for a pod made for its lab only adds the pin; a release says that the end is meant', () => {
    expect(pinPatch('u', 'p')).toEqual([
      { op: 'test', path: '/metadata/uid', value: 'u' },
      { op: 'add', path: '/metadata/annotations/palestra.dev~1pin', value: 'p' },
    ]);
    expect(releasePatch('u', NOW)).toEqual([
      { op: 'test', path: '/metadata/uid', value: 'u' },
      {
        op: 'add',
        path: '/metadata/annotations/palestra.dev~1released-at',
        value: '2026-11-24T18:00:00.000Z',
      },
      {
        op: 'add',
        path: '/metadata/annotations/cluster-autoscaler.kubernetes.io~1safe-to-evict',
        value: 'true',
      },
    ]);
  });
});

describe('a pod made for its lab', () => {
  it('is a sandbox’s pod under the lab’s name, claimed from the start', () => {
    const lab = 'labaaaaaaaaaaaaaaaaa';
    expect(coldPod({ namespace: 'n', lab, settings: SETTINGS, now: NOW, lifetime: 3600 })).toEqual({
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: {
        name: `lab-${lab}`,
        namespace: 'n',
        labels: { ...LABELS, app: 'claimed', 'palestra.dev/lab': lab },
        annotations: {
          'palestra.dev/image': SETTINGS.image,
          'palestra.dev/claimed-at': '2026-11-24T18:00:00.000Z',
          'cluster-autoscaler.kubernetes.io/safe-to-evict': 'false',
        },
      },
      spec: { ...SPEC, activeDeadlineSeconds: 3600 },
    });
    expect(coldPodName(lab)).toBe(`lab-${lab}`);
  });
});

describe('the ticket keys', () => {
  it('are public halves as PEM, current and next', () => {
    const spki = () =>
      generateKeyPairSync('ed25519').publicKey.export({ type: 'spki', format: 'der' }).toString('base64');
    const [one, two] = [spki(), spki()];
    const { data, metadata } = ticketKeys('n', [one, two]) as {
      data: Record<string, string>;
      metadata: object;
    };
    expect(metadata).toMatchObject({ name: 'palestra-ticket-keys', namespace: 'n' });
    expect(Object.keys(data)).toEqual(['current.pem', 'next.pem']);
    expect(data['current.pem']?.replaceAll('\n', '')).toBe(
      `-----BEGIN PUBLIC KEY-----${one}-----END PUBLIC KEY-----`,
    );
    expect(JSON.stringify(data)).not.toContain('PRIVATE');
    expect(Object.keys((ticketKeys('n', [one]) as { data: object }).data)).toEqual(['current.pem']);
  });
});
