/**
 * The server's own rights, as few as the work needs (T51). Cluster-wide it may make namespaces and bind named roles;
 * everything else it may only inside a learner's namespace, by a RoleBinding it makes there for itself. RBAC knows no
 * prefixes: what these rules cannot say is said by the admission policies (finding 2).
 */
import type { NamespaceSettings } from '../../contract/namespace.ts';
import type {
  ClusterRole,
  ClusterRoleBinding,
  KubernetesObject,
  Role,
  RoleBinding,
} from '../objects/kubernetes.ts';
import { DASK_OPERATOR_ROLE, LEARNER, LESSON_ROLE, SERVER_ROLE, ours } from '../objects/names.ts';
import { DASK, RULES } from './lesson-roles.ts';

type Rule = NonNullable<ClusterRole['rules']>[number];
type Where = Pick<NamespaceSettings, 'server' | 'sandboxes'>;
const RBAC = 'rbac.authorization.k8s.io';
const VERSION = `${RBAC}/v1`;
const KEEP = ['get', 'create', 'patch'];

/** Roles that the server may bind: by name. */
export const BINDABLE: readonly string[] = [
  ...Object.keys(RULES).map((name) => `${LESSON_ROLE}${name}`),
  SERVER_ROLE,
  DASK_OPERATOR_ROLE,
];

const EVERYWHERE: Rule[] = [
  { apiGroups: [''], resources: ['namespaces'], verbs: ['get', 'list', 'create', 'patch', 'delete'] },
  { apiGroups: [RBAC], resources: ['rolebindings'], verbs: ['create', 'patch'] },
  { apiGroups: [RBAC], resources: ['clusterroles'], verbs: ['bind'], resourceNames: [...BINDABLE] },
];
const INSIDE: Rule[] = [
  { apiGroups: [''], resources: ['resourcequotas', 'limitranges', 'serviceaccounts'], verbs: KEEP },
  { apiGroups: [''], resources: ['serviceaccounts/token'], verbs: ['create'], resourceNames: [LEARNER] },
  { apiGroups: [''], resources: ['secrets'], verbs: [...KEEP, 'list', 'delete'] },
  { apiGroups: ['networking.k8s.io'], resources: ['networkpolicies'], verbs: [...KEEP, 'list', 'delete'] },
  { apiGroups: [RBAC], resources: ['rolebindings'], verbs: ['get', 'list', 'delete'] },
  // what keeps a namespace from ending is named
  {
    apiGroups: [''],
    resources: ['pods', 'services', 'configmaps', 'persistentvolumeclaims'],
    verbs: ['list'],
  },
  { apiGroups: ['batch'], resources: ['jobs'], verbs: ['list'] },
  { ...DASK, verbs: ['list'] },
];
/** Labs' ways to the cluster, in the sandboxes' namespace. */
const SANDBOXES: Rule[] = [
  {
    apiGroups: ['networking.k8s.io'],
    resources: ['networkpolicies'],
    verbs: ['get', 'list', 'create', 'patch', 'delete'],
  },
];
/** Where the API server is, behind its Service: network policies hold after that was translated. */
const ADDRESS: Rule[] = [
  {
    apiGroups: ['discovery.k8s.io'],
    resources: ['endpointslices'],
    verbs: ['get'],
    resourceNames: ['kubernetes'],
  },
];

export function serverRights({ server, sandboxes }: Where): readonly KubernetesObject[] {
  const account = { kind: 'ServiceAccount', name: server.account, namespace: server.namespace };
  return [
    clusterRole('palestra-server-namespaces', EVERYWHERE),
    clusterRole(SERVER_ROLE, INSIDE),
    boundEverywhere('palestra-server-namespaces', account),
    ...boundIn(sandboxes, 'palestra-server-network', SANDBOXES, account),
    ...boundIn('default', 'palestra-server-address', ADDRESS, account),
  ];
}

function clusterRole(name: string, rules: Rule[]): ClusterRole {
  return { apiVersion: VERSION, kind: 'ClusterRole', metadata: { name, labels: ours() }, rules };
}
type Subject = NonNullable<RoleBinding['subjects']>[number];
function boundEverywhere(name: string, account: Subject): ClusterRoleBinding {
  return {
    apiVersion: VERSION,
    kind: 'ClusterRoleBinding',
    metadata: { name, labels: ours() },
    roleRef: { apiGroup: RBAC, kind: 'ClusterRole', name },
    subjects: [account],
  };
}
function boundIn(namespace: string, name: string, rules: Rule[], account: Subject): [Role, RoleBinding] {
  const metadata = { name, namespace, labels: ours() };
  return [
    { apiVersion: VERSION, kind: 'Role', metadata, rules },
    {
      apiVersion: VERSION,
      kind: 'RoleBinding',
      metadata,
      roleRef: { apiGroup: RBAC, kind: 'Role', name },
      subjects: [account],
    },
  ];
}
