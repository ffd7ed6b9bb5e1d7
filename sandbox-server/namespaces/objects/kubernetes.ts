/**
 * Kubernetes' objects with the names that Kubernetes gives their fields. The client library's types are the source;
 * where JavaScript has a word of its own it writes `_from` for `from`, and a Date for a time.
 */
import type {
  V1ClusterRole,
  V1ClusterRoleBinding,
  V1LimitRange,
  V1Namespace,
  V1NetworkPolicy,
  V1ResourceQuota,
  V1Role,
  V1RoleBinding,
  V1Secret,
  V1ServiceAccount,
  V1ValidatingAdmissionPolicy,
  V1ValidatingAdmissionPolicyBinding,
} from '@kubernetes/client-node';

type Named<T> = T extends readonly (infer One)[]
  ? Named<One>[]
  : T extends Date
    ? string
    : T extends object
      ? { [Key in keyof T as Key extends `_${infer Name}` ? Name : Key]: Named<T[Key]> }
      : T;
type Whole<T, Kind extends string, Version extends string> = Omit<
  Named<T>,
  'apiVersion' | 'kind' | 'metadata'
> & {
  readonly apiVersion: Version;
  readonly kind: Kind;
  readonly metadata: Metadata;
};

export interface Metadata {
  readonly name: string;
  readonly namespace?: string;
  readonly labels?: Readonly<Record<string, string>>;
  readonly annotations?: Readonly<Record<string, string>>;
  readonly ownerReferences?: readonly Owner[];
  readonly uid?: string;
  readonly resourceVersion?: string;
  readonly creationTimestamp?: string;
  readonly deletionTimestamp?: string;
  readonly finalizers?: readonly string[];
}
export interface Owner {
  readonly apiVersion: string;
  readonly kind: string;
  readonly name: string;
  readonly uid: string;
}

type Rbac = 'rbac.authorization.k8s.io/v1';
type Admission = 'admissionregistration.k8s.io/v1';
export type Namespace = Whole<V1Namespace, 'Namespace', 'v1'>;
export type ResourceQuota = Whole<V1ResourceQuota, 'ResourceQuota', 'v1'>;
export type LimitRange = Whole<V1LimitRange, 'LimitRange', 'v1'>;
export type NetworkPolicy = Whole<V1NetworkPolicy, 'NetworkPolicy', 'networking.k8s.io/v1'>;
export type ServiceAccount = Whole<V1ServiceAccount, 'ServiceAccount', 'v1'>;
export type Secret = Whole<V1Secret, 'Secret', 'v1'>;
export type Role = Whole<V1Role, 'Role', Rbac>;
export type RoleBinding = Whole<V1RoleBinding, 'RoleBinding', Rbac>;
export type ClusterRole = Whole<V1ClusterRole, 'ClusterRole', Rbac>;
export type ClusterRoleBinding = Whole<V1ClusterRoleBinding, 'ClusterRoleBinding', Rbac>;
export type AdmissionPolicy = Whole<V1ValidatingAdmissionPolicy, 'ValidatingAdmissionPolicy', Admission>;
export type AdmissionBinding = Whole<
  V1ValidatingAdmissionPolicyBinding,
  'ValidatingAdmissionPolicyBinding',
  Admission
>;
export type KubernetesObject =
  | Namespace
  | ResourceQuota
  | LimitRange
  | NetworkPolicy
  | ServiceAccount
  | Secret
  | Role
  | RoleBinding
  | ClusterRole
  | ClusterRoleBinding
  | AdmissionPolicy
  | AdmissionBinding;
