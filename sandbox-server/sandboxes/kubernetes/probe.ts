/** What `palestra doctor` looks at where sandboxes are pods: what is there, what we may, and what holds. */
import { z } from 'zod';
import type { KubernetesSettings } from '../../contract/driver.ts';
import { Problem } from '../../contract/errors.ts';
import type { Probe } from '../driver.ts';
import { openAccess } from './api/access.ts';
import type { ClusterAccess } from './api/access.ts';
import { createApi } from './api/api.ts';
import type { Api } from './api/api.ts';
import { ApiError, hasStatus } from './api/api-error.ts';
import { KEYS } from './objects/names.ts';

export interface ProbeOptions {
  readonly api: Api;
  readonly access: Pick<ClusterAccess, 'server'>;
  readonly namespace: string;
}

const Version = z.object({ gitVersion: z.string() });
const Review = z.object({ status: z.object({ allowed: z.boolean() }) });
const Labelled = z.object({ metadata: z.object({ labels: z.record(z.string(), z.string()).default({}) }) });
const Policies = z.object({
  items: z.array(
    z.object({
      spec: z.object({
        podSelector: z.object({ matchLabels: z.record(z.string(), z.string()).optional() }),
        policyTypes: z.array(z.string()).default([]),
      }),
    }),
  ),
});

/** verb, group, resource, and the one object where the chart allows no other: what the driver does and nothing else */
const NEEDED: readonly (readonly [verb: string, group: string, resource: string, name?: string])[] = [
  ['get', '', 'pods'],
  ['list', '', 'pods'],
  ['watch', '', 'pods'],
  ['create', '', 'pods'],
  ['patch', '', 'pods'],
  ['delete', '', 'pods'],
  ['list', 'apps', 'deployments'],
  ['create', 'apps', 'deployments'],
  ['patch', 'apps', 'deployments'],
  ['delete', 'apps', 'deployments'],
  ['patch', '', 'configmaps', KEYS],
];

/** The same without a driver, where no server runs. A cluster that nobody names is a finding too. */
export async function probeKubernetes(settings: KubernetesSettings): Promise<readonly Probe[]> {
  const { kubeconfig, context, namespace } = settings;
  try {
    const access = await openAccess({ kubeconfig, context });
    const api = createApi(access);
    using _ = { [Symbol.dispose]: () => api.close() };
    return await probeCluster({ api, access, namespace });
  } catch (error) {
    if (!(error instanceof Problem)) throw error;
    return [{ name: 'cluster', need: 'needed', ok: false, found: error.message, todo: WHERE }];
  }
}
const WHERE = 'Name it in palestra.yaml, at driver.kubeconfig and driver.context, and see that it runs.';

export async function probeCluster(options: ProbeOptions): Promise<readonly Probe[]> {
  const reachable = await probeReachable(options);
  if (!reachable.ok) return [reachable];
  return [
    reachable,
    ...(await Promise.all([probeRights(options), probeRestricted(options), probePolicies(options)])),
  ];
}

async function probeReachable({ api, access }: ProbeOptions): Promise<Probe> {
  const probe = { name: 'cluster', need: 'needed' as const };
  try {
    const { gitVersion } = Version.parse(await api.call({ method: 'GET', path: '/version' }));
    return { ...probe, ok: true, found: `Kubernetes ${gitVersion} at ${access.server}`, todo: '' };
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    return { ...probe, ok: false, found: `${access.server} does not answer: ${error.message}`, todo: WHERE };
  }
}

async function probeRights({ api, namespace }: ProbeOptions): Promise<Probe> {
  const allowed = await Promise.all(
    NEEDED.map(([verb, group, resource, name]) => mayWe(api, { namespace, verb, group, resource, name })),
  );
  const missing = NEEDED.filter((_, i) => allowed[i] !== true).map(
    ([verb, , resource]) => `${verb} ${resource}`,
  );
  const ok = missing.length === 0;
  return {
    name: 'rights on the cluster',
    need: 'needed',
    ok,
    found: ok
      ? `may do in ${namespace} what sandboxes need`
      : `may not ${missing.join(', ')} in ${namespace}`,
    todo: ok ? '' : "Install the chart, or give this account the chart's Role in that namespace.",
  };
}

async function mayWe(api: Api, resourceAttributes: object): Promise<boolean> {
  const path = '/apis/authorization.k8s.io/v1/selfsubjectaccessreviews';
  const body = {
    apiVersion: 'authorization.k8s.io/v1',
    kind: 'SelfSubjectAccessReview',
    spec: { resourceAttributes },
  };
  return Review.parse(await api.call({ method: 'POST', path, body, again: 'passing' })).status.allowed;
}

/** T39: what a kit must not ask for, the cluster refuses too. */
async function probeRestricted({ api, namespace }: ProbeOptions): Promise<Probe> {
  const probe = { name: 'restricted pods', need: 'wanted' as const };
  const label = 'pod-security.kubernetes.io/enforce';
  const todo = `kubectl label namespace ${namespace} ${label}=restricted`;
  try {
    const path = `/api/v1/namespaces/${encodeURIComponent(namespace)}`;
    const { metadata } = Labelled.parse(await api.call({ method: 'GET', path }));
    const ok = metadata.labels[label] === 'restricted';
    const found = `${namespace} enforces ${metadata.labels[label] ?? 'nothing'}`;
    return { ...probe, ok, found, todo: ok ? '' : todo };
  } catch (error) {
    if (hasStatus(error, 404))
      return {
        name: probe.name,
        need: 'needed',
        ok: false,
        found: `there is no namespace ${namespace}`,
        todo: `kubectl create namespace ${namespace}, or install the chart`,
      };
    if (!hasStatus(error, 403)) throw error;
    return {
      ...probe,
      ok: false,
      found: `we may not look at the namespace ${namespace}`,
      todo: `Have an administrator look: ${todo}`,
    };
  }
}

/** That a policy stands there; whether the cluster has somebody who enforces it is seen by a connection that fails. */
async function probePolicies({ api, namespace }: ProbeOptions): Promise<Probe> {
  const probe = { name: 'network policies', need: 'wanted' as const };
  const todo =
    'Install the chart, whose policies close sandboxes; they bite only where the cluster has an enforcer.';
  try {
    const path = `/apis/networking.k8s.io/v1/namespaces/${encodeURIComponent(namespace)}/networkpolicies`;
    const { items } = Policies.parse(await api.call({ method: 'GET', path }));
    const ok = ['Ingress', 'Egress'].every((type) =>
      items.some(({ spec }) => spec.policyTypes.includes(type)),
    );
    const found = `${items.length} in ${namespace}${ok ? ', both ways' : ', not both ways'}`;
    return { ...probe, ok, found, todo: ok ? '' : todo };
  } catch (error) {
    if (!hasStatus(error, 403)) throw error;
    return {
      ...probe,
      ok: false,
      found: `we may not look at policies in ${namespace}`,
      todo: 'Give the account `list networkpolicies`.',
    };
  }
}
