/** A learner's namespace and its bounds. Pure. */
import type { Size } from '../../contract/namespace.ts';
import { larger } from '../../contract/namespace.ts';
import type { Person } from '../../identity/face.ts';
import type { LimitRange, Namespace, ResourceQuota } from './kubernetes.ts';
import { LABEL, NOTE, ours } from './names.ts';

export interface NamespaceNotes {
  /** ms since the epoch */
  readonly preparedAt: number;
  readonly keepUntil?: number;
  readonly sites: readonly string[];
}

/** Restricted pods only: enforced, and said by `kubectl` as a warning before a controller fails in silence. */
export function namespaceObject(
  name: string,
  person: Pick<Person, 'id' | 'login'>,
  notes: NamespaceNotes,
): Namespace {
  const restricted = Object.fromEntries(
    ['enforce', 'warn', 'audit'].flatMap((mode) => [
      [`pod-security.kubernetes.io/${mode}`, 'restricted'],
      [`pod-security.kubernetes.io/${mode}-version`, 'latest'],
    ]),
  );
  return {
    apiVersion: 'v1',
    kind: 'Namespace',
    metadata: {
      name,
      labels: ours({
        [LABEL.learner]: 'true',
        [LABEL.person]: person.id,
        // a label's value has no commas, and a site's name no dots
        ...(notes.sites.length === 0 ? {} : { [LABEL.sites]: [...notes.sites].sort().join('.') }),
        ...restricted,
      }),
      annotations: {
        [NOTE.login]: person.login,
        [NOTE.prepared]: new Date(notes.preparedAt).toISOString(),
        ...(notes.keepUntil === undefined
          ? {}
          : { [NOTE.keepUntil]: new Date(notes.keepUntil).toISOString() }),
      },
    },
  };
}

/** All pods together. No node ports, no load balancers: they would open the namespace past its policies. */
export function quotaObject(namespace: string, size: Size): ResourceQuota {
  return {
    apiVersion: 'v1',
    kind: 'ResourceQuota',
    metadata: { name: 'size', namespace, labels: ours() },
    spec: {
      hard: {
        'requests.cpu': size.cpu,
        'limits.cpu': size.cpu,
        'requests.memory': size.memory,
        'limits.memory': size.memory,
        'requests.ephemeral-storage': size.ephemeral,
        'limits.ephemeral-storage': size.ephemeral,
        'requests.storage': size.storage,
        'requests.nvidia.com/gpu': String(size.gpu),
        pods: String(size.pods),
        persistentvolumeclaims: size.storage === '0' ? '0' : '5',
        services: '20',
        'services.nodeports': '0',
        'services.loadbalancers': '0',
        configmaps: '50',
        secrets: '50',
        'count/jobs.batch': '50',
      },
    },
  };
}

/** One container: what it gets that says nothing, and the most it may ask for. */
export function limitsObject(namespace: string, size: Size): LimitRange {
  const smaller = (a: string, b: string): string => (larger(a, b) === a ? b : a);
  return {
    apiVersion: 'v1',
    kind: 'LimitRange',
    metadata: { name: 'size', namespace, labels: ours() },
    spec: {
      limits: [
        {
          type: 'Container',
          defaultRequest: { cpu: '100m', memory: '128Mi', 'ephemeral-storage': '100Mi' },
          default: {
            cpu: smaller('500m', size.cpu),
            memory: smaller('512Mi', size.memory),
            'ephemeral-storage': smaller('1Gi', size.ephemeral),
          },
          max: { cpu: size.cpu, memory: size.memory, 'ephemeral-storage': size.ephemeral },
        },
      ],
    },
  };
}
