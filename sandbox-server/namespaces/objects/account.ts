/** The learner's account in their namespace, what it may, and the anchor that its tokens die with. Pure. */
import type { NamespaceSettings } from '../../contract/namespace.ts';
import type { Owner, RoleBinding, Secret, ServiceAccount } from './kubernetes.ts';
import {
  DASK_OPERATOR_ROLE,
  LABEL,
  LEARNER,
  LESSON_ROLE,
  LOOK,
  NOTE,
  SERVER_ROLE,
  daskOperatorOf,
  labName,
  ours,
} from './names.ts';
import type { Size } from '../../contract/namespace.ts';

/** `learner`, and the `default` of pods that name none: neither's token is put into pods (T48, finding 17). */
export function accounts(namespace: string): readonly ServiceAccount[] {
  return [LEARNER, 'default'].map((name) => ({
    apiVersion: 'v1',
    kind: 'ServiceAccount',
    metadata: { name, namespace, labels: ours() },
    automountServiceAccountToken: false,
  }));
}

/** Looking at what is in one's own namespace. */
export function lookBinding(namespace: string): RoleBinding {
  return binding(namespace, LOOK, `${LESSON_ROLE}${LOOK}`, learnerOf(namespace));
}

/** What the server may in there: bound by itself, so that it may nothing of it elsewhere (finding 2). */
export function serverBinding(namespace: string, server: NamespaceSettings['server']): RoleBinding {
  return binding(namespace, 'palestra-server', SERVER_ROLE, {
    kind: 'ServiceAccount',
    name: server.account,
    namespace: server.namespace,
  });
}

/** What the lesson declares; ends with its lab. */
export function lessonBinding(namespace: string, lab: string, role: string, owner: Owner): RoleBinding {
  const bound = binding(namespace, `${labName(lab)}-${role}`, `${LESSON_ROLE}${role}`, learnerOf(namespace));
  return ofLab(bound, lab, owner);
}

/** The Dask operator may work here, and nowhere that nobody asked for it; ends with the lab. */
export function daskOperatorBinding(
  namespace: string,
  lab: string,
  server: NamespaceSettings['server'],
  owner: Owner,
): RoleBinding {
  const operator = daskOperatorOf(server);
  const subject = { kind: 'ServiceAccount', name: operator.account, namespace: operator.namespace };
  return ofLab(binding(namespace, `${labName(lab)}-dask-operator`, DASK_OPERATOR_ROLE, subject), lab, owner);
}

/** Empty: tokens of this lab are bound to it and die with it (finding 5). Nothing secret is ever in it. */
export function labSecret(namespace: string, lab: string, size: Size): Secret {
  return {
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: {
      name: labName(lab),
      namespace,
      labels: ours({ [LABEL.lab]: lab }),
      annotations: { [NOTE.size]: JSON.stringify(size) },
    },
    type: 'Opaque',
  };
}
export function ownerOf(secret: { readonly name: string; readonly uid: string }): Owner {
  return { apiVersion: 'v1', kind: 'Secret', ...secret };
}

function ofLab(bound: RoleBinding, lab: string, owner: Owner): RoleBinding {
  const labels = ours({ [LABEL.lab]: lab });
  return { ...bound, metadata: { ...bound.metadata, labels, ownerReferences: [owner] } };
}
type Subject = NonNullable<RoleBinding['subjects']>[number];
function learnerOf(namespace: string): Subject {
  return { kind: 'ServiceAccount', name: LEARNER, namespace };
}

function binding(namespace: string, name: string, role: string, subject: Subject): RoleBinding {
  return {
    apiVersion: 'rbac.authorization.k8s.io/v1',
    kind: 'RoleBinding',
    metadata: { name, namespace, labels: ours() },
    roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: role },
    subjects: [subject],
  };
}
