/**
 * Rights that lessons name, as ClusterRoles of the chart: bound in one namespace each, never cluster-wide. None holds
 * networkpolicies, rolebindings, quotas, namespaces, secrets or tokens (findings 5 and 11), nor `patch` on pods: what a
 * pod may be is judged when it is made.
 */
import type { ClusterRole } from '../objects/kubernetes.ts';
import { LESSON_ROLE, LOOK, ours } from '../objects/names.ts';

type Rule = NonNullable<ClusterRole['rules']>[number];
const READ = ['get', 'list', 'watch'];
const WRITE = ['create', 'update', 'patch', 'delete'];
export const DASK = {
  apiGroups: ['kubernetes.dask.org'],
  resources: ['daskclusters', 'daskworkergroups', 'daskjobs', 'daskautoscalers'],
};

export const RULES: Readonly<Record<string, readonly Rule[]>> = {
  [LOOK]: [
    {
      apiGroups: [''],
      resources: [
        'pods',
        'pods/log',
        'services',
        'endpoints',
        'events',
        'configmaps',
        'persistentvolumeclaims',
        'resourcequotas',
        'limitranges',
        'serviceaccounts',
      ],
      verbs: READ,
    },
    { apiGroups: ['events.k8s.io'], resources: ['events'], verbs: READ },
    { apiGroups: ['apps'], resources: ['deployments', 'replicasets', 'statefulsets'], verbs: READ },
    { apiGroups: ['batch'], resources: ['jobs'], verbs: READ },
    { apiGroups: ['networking.k8s.io'], resources: ['networkpolicies'], verbs: READ },
    { apiGroups: ['discovery.k8s.io'], resources: ['endpointslices'], verbs: READ },
    { apiGroups: ['rbac.authorization.k8s.io'], resources: ['rolebindings'], verbs: READ },
  ],
  jobs: [
    { apiGroups: ['batch'], resources: ['jobs'], verbs: [...WRITE, 'deletecollection'] },
    { apiGroups: [''], resources: ['pods'], verbs: ['create', 'delete', 'deletecollection'] },
    {
      apiGroups: [''],
      resources: ['pods/exec', 'pods/attach', 'pods/portforward'],
      verbs: ['get', 'create'],
    },
    { apiGroups: [''], resources: ['configmaps', 'services', 'persistentvolumeclaims'], verbs: WRITE },
  ],
  dask: [
    { ...DASK, verbs: [...READ, ...WRITE] },
    {
      apiGroups: DASK.apiGroups,
      resources: ['daskclusters/scale', 'daskworkergroups/scale', 'daskjobs/scale'],
      verbs: ['get', 'update', 'patch'],
    },
    // a worker is lost, and the cluster goes on
    { apiGroups: [''], resources: ['pods'], verbs: ['delete'] },
    { apiGroups: [''], resources: ['pods/portforward'], verbs: ['get', 'create'] },
  ],
};

export function lessonRoles(): readonly ClusterRole[] {
  return Object.entries(RULES).map(([name, rules]) => ({
    apiVersion: 'rbac.authorization.k8s.io/v1',
    kind: 'ClusterRole',
    metadata: { name: `${LESSON_ROLE}${name}`, labels: ours() },
    rules: [...rules],
  }));
}
