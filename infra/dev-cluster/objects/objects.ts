/** Every object that the cluster itself has, beside what Kubernetes makes by itself: one list for `kubectl apply`. */
import type { Addresses } from '../place.ts';
import { corednsObjects } from './coredns.ts';

export function clusterObjects(addresses: Addresses, images: { readonly coredns: string }): object {
  const items = [...routerObjects(), ...corednsObjects(addresses, images.coredns)];
  return { apiVersion: 'v1', kind: 'List', items };
}

/** What the enforcer of policies may read. */
function routerObjects(): readonly object[] {
  const read = ['get', 'list', 'watch'];
  return [
    {
      apiVersion: 'rbac.authorization.k8s.io/v1',
      kind: 'ClusterRole',
      metadata: { name: 'kube-router' },
      rules: [
        { apiGroups: [''], resources: ['namespaces', 'pods', 'services', 'nodes', 'endpoints'], verbs: read },
        { apiGroups: ['discovery.k8s.io'], resources: ['endpointslices'], verbs: read },
        { apiGroups: ['networking.k8s.io'], resources: ['networkpolicies'], verbs: read },
      ],
    },
    {
      apiVersion: 'rbac.authorization.k8s.io/v1',
      kind: 'ClusterRoleBinding',
      metadata: { name: 'kube-router' },
      roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: 'kube-router' },
      subjects: [{ kind: 'User', name: 'kube-router', apiGroup: 'rbac.authorization.k8s.io' }],
    },
  ];
}
