/**
 * What the server's account may not do even where RBAC lets it: `least` rights for namespaces made at run time are
 * cluster-admin without these (finding 2: a token for kube-system, a binding in kube-system).
 */
import { LONGEST_TOKEN_S, type NamespaceSettings } from '../../contract/namespace.ts';
import type { AdmissionBinding, AdmissionPolicy } from '../objects/kubernetes.ts';
import { DASK_OPERATOR_ROLE, LABEL, LEARNER, SERVER_ROLE, daskOperatorOf } from '../objects/names.ts';
import { list, policyOf, text, type PolicyText } from './policy.ts';
import { BINDABLE } from './server-role.ts';

export type Where = Pick<NamespaceSettings, 'prefix' | 'server' | 'sandboxes'>;
const WRITES = ['CREATE', 'UPDATE', 'DELETE'];

export function serverPolicies(where: Where): readonly (AdmissionPolicy | AdmissionBinding)[] {
  return [place, namespaces, bindings, tokens, secrets].flatMap((policy) => policyOf(policy(where)));
}

function byServer({ server }: Where) {
  const user = `system:serviceaccount:${server.namespace}:${server.account}`;
  return { name: 'by-the-server', expression: `request.userInfo.username == ${text(user)}` };
}
function ofLearners({ prefix }: Where): string {
  return `has(request.namespace) && request.namespace.startsWith(${text(prefix)})`;
}

/** Writes stay in learners' namespaces and in the sandboxes'; asking what one may do is no write. */
function place(where: Where): PolicyText {
  const asking = ['authorization.k8s.io', 'authentication.k8s.io'];
  const only = [
    ofLearners(where),
    `has(request.namespace) && request.namespace == ${text(where.sandboxes)}`,
    "request.resource.group == '' && request.resource.resource == 'namespaces'",
    `request.resource.group in ${list(asking)} && !has(request.namespace)`,
  ];
  return {
    name: 'palestra-server-place',
    on: [{ groups: ['*'], resources: ['*/*'], operations: [...WRITES, 'CONNECT'] }],
    when: [byServer(where)],
    validations: [
      {
        must: only.map((one) => `(${one})`).join(' || '),
        else: `metadata.namespace: the Palestra server writes only in ${where.prefix}* and ${where.sandboxes}`,
      },
    ],
  };
}

/** Only ours, by name and by label; always restricted; never handed to somebody else. */
function namespaces({ prefix, ...where }: Where): PolicyText {
  const label = (of: string, key: string): string => `${of}.metadata.?labels[?${text(key)}].orValue('')`;
  const isOurs = (of: string): string =>
    `${label(of, LABEL.learner)} == 'true' && ${label(of, LABEL.managedBy)} == 'palestra'`;
  return {
    name: 'palestra-server-namespaces',
    on: [{ groups: [''], resources: ['namespaces', 'namespaces/*'], operations: WRITES }],
    when: [byServer({ prefix, ...where })],
    variables: [
      {
        name: 'name',
        expression: "request.operation == 'CREATE' ? object.metadata.name : oldObject.metadata.name",
      },
    ],
    validations: [
      {
        must: `variables.name.startsWith(${text(prefix)})`,
        else: `metadata.name: the Palestra server makes and removes only namespaces called ${prefix}*`,
      },
      {
        must: "!has(request.subResource) || request.subResource == ''",
        else: 'namespaces/finalize and /status are not the server’s',
      },
      {
        must: `request.operation == 'CREATE' || (${isOurs('oldObject')})`,
        else: 'metadata.labels: this namespace is not one that the Palestra server made',
      },
      {
        must: `request.operation == 'DELETE' || (${isOurs('object')})`,
        else: `metadata.labels: ${LABEL.learner}=true and ${LABEL.managedBy}=palestra are required`,
      },
      {
        must: `request.operation == 'DELETE' || ${label('object', 'pod-security.kubernetes.io/enforce')} == 'restricted'`,
        else: 'metadata.labels: pod-security.kubernetes.io/enforce must be restricted',
      },
      {
        must: `request.operation != 'UPDATE' || ${label('oldObject', LABEL.person)} == ${label('object', LABEL.person)}`,
        else: `metadata.labels: ${LABEL.person} of a namespace never changes`,
      },
    ],
  };
}

/** Named roles, for the account of that very namespace; its own role for itself. */
function bindings(where: Where): PolicyText {
  const { server } = where;
  const learner = `s.kind == 'ServiceAccount' && s.name == ${text(LEARNER)} && s.namespace == request.namespace`;
  const account = (of: Where['server']): string =>
    `s.kind == 'ServiceAccount' && s.name == ${text(of.account)} && s.namespace == ${text(of.namespace)}`;
  const role = (name: string): string => `object.roleRef.name == ${text(name)}`;
  const whose = `${role(SERVER_ROLE)} ? (${account(server)}) : ${role(DASK_OPERATOR_ROLE)} ? (${account(daskOperatorOf(server))}) : (${learner})`;
  return {
    name: 'palestra-server-bindings',
    on: [
      {
        groups: ['rbac.authorization.k8s.io'],
        resources: ['rolebindings', 'clusterrolebindings', 'roles', 'clusterroles'],
        operations: ['CREATE', 'UPDATE'],
      },
    ],
    when: [byServer(where)],
    validations: [
      {
        must: `request.resource.resource == 'rolebindings' && ${ofLearners(where)}`,
        else: `metadata.namespace: the Palestra server binds roles only in ${where.prefix}*`,
      },
      {
        must: `has(object.roleRef) && object.roleRef.kind == 'ClusterRole' && object.roleRef.name in ${list(BINDABLE)}`,
        else: `roleRef: the Palestra server binds only ${BINDABLE.join(', ')}`,
      },
      {
        must: `has(object.subjects) && object.subjects.all(s, ${whose})`,
        else: `subjects: lessons' roles go to the account ${LEARNER} of that namespace, ${SERVER_ROLE} and ${DASK_OPERATOR_ROLE} to the server's own and the Dask operator's`,
      },
    ],
  };
}

/** For `learner` of a learner's namespace, bound to a Secret (its lab), and short. */
function tokens(where: Where): PolicyText {
  return {
    name: 'palestra-server-tokens',
    on: [{ groups: [''], resources: ['serviceaccounts/token'], operations: ['CREATE'] }],
    when: [byServer(where)],
    validations: [
      {
        must: `${ofLearners(where)} && request.name == ${text(LEARNER)}`,
        else: `metadata.name: the Palestra server asks for tokens of ${LEARNER} in ${where.prefix}* only`,
      },
      {
        must: "object.spec.?boundObjectRef.?kind.orValue('') == 'Secret'",
        else: 'spec.boundObjectRef: a token is bound to the Secret of its lab, and dies with it',
      },
      {
        must: `has(object.spec.expirationSeconds) && object.spec.expirationSeconds <= ${String(LONGEST_TOKEN_S)}`,
        else: `spec.expirationSeconds: at most ${String(LONGEST_TOKEN_S)}`,
      },
    ],
  };
}

/** Secrets in a learner's namespace are anchors: empty, and never one that a token is written into (findings 5, 17). */
function secrets(where: Where): PolicyText {
  return {
    name: 'palestra-server-secrets',
    on: [{ groups: [''], resources: ['secrets'], operations: ['CREATE', 'UPDATE'] }],
    when: [byServer(where), { name: 'of-learners', expression: ofLearners(where) }],
    validations: [
      { must: "has(object.type) && object.type == 'Opaque'", else: 'type: only Opaque' },
      {
        must: '!has(object.data) || size(object.data) == 0',
        else: 'data: the Secret of a lab is empty; nothing secret is kept in a learner’s namespace',
      },
    ],
  };
}
