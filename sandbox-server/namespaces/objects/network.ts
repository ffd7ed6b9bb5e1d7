/**
 * What may talk to a learner's pods, and they to whom. Everything is closed but what stands here. Rules that cross
 * namespaces name them by `kubernetes.io/metadata.name`, which nobody can write (finding 11). Pure.
 */
import { isIPv4 } from 'node:net';
import type { Destination, NamespaceSettings } from '../../contract/namespace.ts';
import { blockOf } from './addresses.ts';
import type { NetworkPolicy, Owner } from './kubernetes.ts';
import { LABEL, labName, ours } from './names.ts';

type Spec = NonNullable<NetworkPolicy['spec']>;
type Egress = NonNullable<Spec['egress']>[number];
type Peer = NonNullable<Egress['to']>[number];

/** Default deny, DNS, and the namespace's own pods among themselves. */
export function ownPolicies(namespace: string, dns: NamespaceSettings['dns']): readonly NetworkPolicy[] {
  const ports = dns.ports.flatMap((port) => [
    { port, protocol: 'UDP' },
    { port, protocol: 'TCP' },
  ]);
  return [
    policy(namespace, 'default-deny', { podSelector: {}, policyTypes: ['Ingress', 'Egress'] }),
    policy(namespace, 'dns', {
      podSelector: {},
      policyTypes: ['Egress'],
      egress: [{ to: [podsOf(dns.namespace, dns.labels)], ports }],
    }),
    policy(namespace, 'within', {
      podSelector: {},
      policyTypes: ['Ingress', 'Egress'],
      ingress: [{ from: [{ podSelector: {} }] }],
      egress: [{ to: [{ podSelector: {} }] }],
    }),
  ];
}

/** What the lesson declares; ends with its lab. */
export function declaredPolicy(
  namespace: string,
  lab: string,
  opens: readonly Destination[],
  owner: Owner,
): NetworkPolicy | null {
  if (opens.length === 0) return null;
  const spec: Spec = { podSelector: {}, policyTypes: ['Egress'], egress: opens.map(egressTo) };
  return policy(namespace, `${labName(lab)}-opens`, spec, { lab, owner });
}

/** The learner's own sandbox may reach all of their pods: a pod of the sandboxes' namespace with this lab's label. */
export function sandboxPolicy(
  namespace: string,
  lab: string,
  sandboxes: string,
  owner: Owner,
): NetworkPolicy {
  const spec: Spec = {
    podSelector: {},
    policyTypes: ['Ingress'],
    ingress: [{ from: [podsOf(sandboxes, { [LABEL.lab]: lab })] }],
  };
  return policy(namespace, `${labName(lab)}-sandbox`, spec, { lab, owner });
}

/** The dashboard's port of a scheduler, where its HTTP API answers as well. */
const DASK_HTTP = 8787;
/**
 * The Dask operator asks schedulers over HTTP which workers may go. Dask's own protocol (8786) stays closed to it: what
 * answers there is the learner's, and may send pickles.
 */
export function daskOperatorPolicy(
  namespace: string,
  lab: string,
  operator: string,
  owner: Owner,
): NetworkPolicy {
  const spec: Spec = {
    podSelector: { matchLabels: { 'dask.org/component': 'scheduler' } },
    policyTypes: ['Ingress'],
    ingress: [
      {
        from: [podsOf(operator, { 'app.kubernetes.io/name': 'palestra-dask-operator' })],
        ports: [{ port: DASK_HTTP, protocol: 'TCP' }],
      },
    ],
  };
  return policy(namespace, `${labName(lab)}-dask-operator`, spec, { lab, owner });
}

export interface ApiEndpoint {
  /** an address: rules hold after a Service's was translated */
  readonly address: string;
  readonly port: number;
}
/** The other end, in the sandboxes' namespace: this lab's pod may reach the learner's namespace and the API server. */
export function sandboxEgress(
  sandboxes: string,
  namespace: string,
  lab: string,
  api: readonly ApiEndpoint[],
): NetworkPolicy {
  const toApi = api.map(({ address, port }) => ({
    to: [{ ipBlock: { cidr: isIPv4(address) ? `${address}/32` : `${address}/128` } }],
    ports: [{ port, protocol: 'TCP' }],
  }));
  const spec: Spec = {
    podSelector: { matchLabels: { [LABEL.lab]: lab } },
    policyTypes: ['Egress'],
    egress: [{ to: [podsOf(namespace, {})] }, ...toApi],
  };
  return policy(sandboxes, `${labName(lab)}-cluster`, spec, { lab });
}

function egressTo(destination: Destination): Egress {
  const ports = destination.ports.map(({ port, protocol }) => ({ port, protocol }));
  if ('namespace' in destination) return { to: [podsOf(destination.namespace, destination.labels)], ports };
  return { to: [{ ipBlock: blockOf(destination.cidr) }], ports };
}

/** A namespace by its name, and there pods by labels; no labels: all of its pods. */
function podsOf(namespace: string, labels: Readonly<Record<string, string>>): Peer {
  const chosen = Object.keys(labels).length === 0 ? {} : { podSelector: { matchLabels: { ...labels } } };
  return { namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': namespace } }, ...chosen };
}

function policy(
  namespace: string,
  name: string,
  spec: Spec,
  of?: { readonly lab: string; readonly owner?: Owner },
): NetworkPolicy {
  const owned = of?.owner === undefined ? {} : { ownerReferences: [of.owner] };
  const labels = ours(of === undefined ? {} : { [LABEL.lab]: of.lab });
  return {
    apiVersion: 'networking.k8s.io/v1',
    kind: 'NetworkPolicy',
    metadata: { name, namespace, labels, ...owned },
    spec,
  };
}
