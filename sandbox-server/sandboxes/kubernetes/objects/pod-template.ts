/**
 * What a sandbox is as a pod: pure. Everything that keeps a learner in stands here, and the tests hold the whole object.
 * Nothing of a learner is in it: a warm pod is anybody's.
 */
import { createHash } from 'node:crypto';
import { AGENT_PORT, ANNOTATION, GATE, KEYS, LABEL, NAME, WARM } from './names.ts';

export interface PodSettings {
  readonly kit: string;
  readonly image: string;
  readonly pullPolicy: 'Always' | 'IfNotPresent' | 'Never';
  /** bytes, bytes, count, cores */
  readonly limits: {
    readonly memory: number;
    readonly disk: number;
    readonly pids: number;
    readonly cpu: number;
  };
  /** what the scheduler keeps free for each: bytes, cores */
  readonly requests: { readonly memory: number; readonly cpu: number };
  /** names of services, which the agent listens for on the pod's own loopback */
  readonly hosts?: readonly string[] | undefined;
  readonly runtimeClass?: string | undefined;
  readonly priorityClass?: string | undefined;
  readonly nodeSelector?: Readonly<Record<string, string>> | undefined;
  /** root inside is nobody outside; needs containerd 2 and runc 1.2 */
  readonly userNamespaces?: boolean | undefined;
}

/** until the agent listens: the image is there, node has started */
const START_SECONDS = 60;
/** a drain's notice: the home is saved in it */
const GRACE_SECONDS = 30;
const UID = 1000;

export interface PodTemplate {
  readonly metadata: {
    readonly labels: Readonly<Record<string, string>>;
    readonly annotations: Readonly<Record<string, string>>;
  };
  readonly spec: object;
}

/**
 * @param app `warm` in a pool, `claimed` for one that is made for a lab
 * @param homeClaim the claim of the volume that its home is on; absent: it ends with the pod
 */
export function podTemplate(settings: PodSettings, app: string = WARM, homeClaim?: string): PodTemplate {
  const spec = podSpec(settings, homeClaim);
  return {
    metadata: {
      labels: {
        [LABEL.app]: app,
        [LABEL.name]: NAME,
        [LABEL.managedBy]: 'palestra',
        [LABEL.kit]: settings.kit,
        [LABEL.version]: versionOf(settings),
      },
      // there must be one: a claim adds to them, and JSON patches make no parents
      annotations: { [ANNOTATION.image]: settings.image },
    },
    // whoever waits for theirs waits for no gate
    spec: app === WARM ? gated(spec) : spec,
  };
}

/** 8 hex digits that change with anything in the template: pools of two versions never share a pod (finding 1) */
export function versionOf(settings: PodSettings): string {
  return createHash('sha256')
    .update(JSON.stringify(gated(podSpec(settings))))
    .digest('hex')
    .slice(0, 8);
}

/** The scheduler leaves it until a server takes the gate away: not while learners start. */
function gated(spec: object): object {
  return { ...spec, schedulingGates: [{ name: GATE }] };
}

function podSpec(settings: PodSettings, homeClaim?: string): object {
  const { hosts = [], runtimeClass, priorityClass, nodeSelector, userNamespaces } = settings;
  return {
    restartPolicy: 'Always', // a Deployment's pods know no other; an agent that ends is told apart by its boot id
    terminationGracePeriodSeconds: GRACE_SECONDS,
    automountServiceAccountToken: false,
    enableServiceLinks: false,
    securityContext: {
      runAsNonRoot: true,
      runAsUser: UID,
      runAsGroup: UID,
      fsGroup: UID,
      fsGroupChangePolicy: 'OnRootMismatch',
      seccompProfile: { type: 'RuntimeDefault' },
    },
    containers: [container(settings, homeClaim)],
    volumes: volumes(settings, homeClaim),
    ...(hosts.length === 0 ? {} : { hostAliases: [{ ip: '127.0.0.1', hostnames: hosts }] }),
    ...(runtimeClass === undefined ? {} : { runtimeClassName: runtimeClass }),
    ...(priorityClass === undefined ? {} : { priorityClassName: priorityClass }),
    ...(nodeSelector === undefined ? {} : { nodeSelector }),
    ...(userNamespaces === true ? { hostUsers: false } : {}),
  };
}

function container({ image, pullPolicy, limits, requests }: PodSettings, homeClaim?: string): object {
  return {
    name: 'sandbox',
    image,
    imagePullPolicy: pullPolicy,
    command: ['/opt/palestra/bin/node', '/opt/palestra/agent.js', '--pod'],
    workingDir: '/home/learner',
    env: [
      { name: 'PALESTRA_POD_UID', valueFrom: { fieldRef: { fieldPath: 'metadata.uid' } } },
      { name: 'PALESTRA_DISK', value: String(limits.disk) },
      { name: 'PALESTRA_PIDS', value: String(limits.pids) },
      // numerical libraries start a thread for each of the node's cores otherwise (finding 18)
      { name: 'PALESTRA_CPUS', value: String(limits.cpu) },
      // for pods of the learner's own that must hold the same versions: a Dask cluster's workers
      { name: 'PALESTRA_IMAGE', value: image },
    ],
    ports: [{ name: 'agent', containerPort: AGENT_PORT }],
    startupProbe: { tcpSocket: { port: 'agent' }, periodSeconds: 1, failureThreshold: START_SECONDS },
    readinessProbe: { tcpSocket: { port: 'agent' }, periodSeconds: 10, timeoutSeconds: 5 },
    resources: {
      requests: { cpu: cores(requests.cpu), memory: String(requests.memory) },
      limits: { cpu: cores(limits.cpu), memory: String(limits.memory) },
    },
    securityContext: {
      privileged: false,
      allowPrivilegeEscalation: false,
      readOnlyRootFilesystem: true,
      capabilities: { drop: ['ALL'] },
    },
    volumeMounts: [
      ...homeMounts(homeClaim),
      { name: 'tmp', mountPath: '/tmp' },
      { name: 'run', mountPath: '/run/palestra' },
      { name: 'tokens', mountPath: '/run/palestra/tokens' },
      { name: 'keys', mountPath: '/etc/palestra/keys', readOnly: true },
    ],
  };
}

/** On a volume of its own the terminals' history stays with it, and what the file system put there itself is not seen. */
function homeMounts(homeClaim: string | undefined): readonly object[] {
  if (homeClaim === undefined) return [{ name: 'home', mountPath: '/home/learner' }];
  return [
    { name: 'home', mountPath: '/home/learner', subPath: 'home' },
    { name: 'home', mountPath: '/run/palestra/logs', subPath: 'logs' },
  ];
}

/**
 * A volume past its `sizeLimit` costs the whole pod with a second's grace (finding 6), so the agent steps in a quarter
 * before; /tmp is in memory, where past the limit there simply is no space.
 */
function volumes({ limits }: PodSettings, homeClaim?: string): readonly object[] {
  const kept = String(Math.ceil(limits.disk * 1.25));
  const tmp = String(Math.min(limits.disk, Math.floor(limits.memory / 2)));
  return [
    homeClaim === undefined
      ? { name: 'home', emptyDir: { sizeLimit: kept } }
      : { name: 'home', persistentVolumeClaim: { claimName: homeClaim } },
    { name: 'tmp', emptyDir: { medium: 'Memory', sizeLimit: tmp } },
    { name: 'run', emptyDir: { sizeLimit: kept } },
    { name: 'tokens', emptyDir: { medium: 'Memory', sizeLimit: '1Mi' } },
    { name: 'keys', configMap: { name: KEYS } },
  ];
}

/** 0.25 → `250m`: the API server writes it so itself, and two servers must not rewrite each other's Deployments */
function cores(count: number): string {
  return Number.isInteger(count) ? String(count) : `${Math.round(count * 1000)}m`;
}
