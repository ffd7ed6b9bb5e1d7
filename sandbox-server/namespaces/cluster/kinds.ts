/** Where the API server keeps each kind that this room touches. */
interface Kind {
  /** `api/v1` or `apis/GROUP/VERSION` */
  readonly root: string;
  readonly plural: string;
  readonly namespaced: boolean;
}

const RBAC = 'apis/rbac.authorization.k8s.io/v1';
const ADMISSION = 'apis/admissionregistration.k8s.io/v1';
const kind = (root: string, plural: string, namespaced = true): Kind => ({ root, plural, namespaced });

const KINDS = {
  Namespace: kind('api/v1', 'namespaces', false),
  ResourceQuota: kind('api/v1', 'resourcequotas'),
  LimitRange: kind('api/v1', 'limitranges'),
  ServiceAccount: kind('api/v1', 'serviceaccounts'),
  Secret: kind('api/v1', 'secrets'),
  NetworkPolicy: kind('apis/networking.k8s.io/v1', 'networkpolicies'),
  RoleBinding: kind(RBAC, 'rolebindings'),
  Role: kind(RBAC, 'roles'),
  ClusterRole: kind(RBAC, 'clusterroles', false),
  ClusterRoleBinding: kind(RBAC, 'clusterrolebindings', false),
  ValidatingAdmissionPolicy: kind(ADMISSION, 'validatingadmissionpolicies', false),
  ValidatingAdmissionPolicyBinding: kind(ADMISSION, 'validatingadmissionpolicybindings', false),
  EndpointSlice: kind('apis/discovery.k8s.io/v1', 'endpointslices'),
  Pod: kind('api/v1', 'pods'),
  Service: kind('api/v1', 'services'),
  ConfigMap: kind('api/v1', 'configmaps'),
  PersistentVolumeClaim: kind('api/v1', 'persistentvolumeclaims'),
  Job: kind('apis/batch/v1', 'jobs'),
  DaskCluster: kind('apis/kubernetes.dask.org/v1', 'daskclusters'),
  DaskWorkerGroup: kind('apis/kubernetes.dask.org/v1', 'daskworkergroups'),
  DaskJob: kind('apis/kubernetes.dask.org/v1', 'daskjobs'),
} as const;
export type KindName = keyof typeof KINDS;

/** A path of the API: an object's, or a collection's where it has no name. */
export function pathOf(
  name: KindName,
  at: { readonly namespace?: string; readonly name?: string; readonly sub?: string },
): string {
  const { root, plural, namespaced } = KINDS[name];
  const parts = [
    ...(namespaced && at.namespace !== undefined ? ['namespaces', at.namespace] : []),
    plural,
    ...(at.name === undefined ? [] : [at.name]),
    ...(at.sub === undefined ? [] : [at.sub]),
  ];
  return `/${root}/${parts.map(encodeURIComponent).join('/')}`;
}
