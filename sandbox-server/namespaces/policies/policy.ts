/** A ValidatingAdmissionPolicy and its binding: what it looks at, and the sentences of its refusals. Pure. */
import type { AdmissionBinding, AdmissionPolicy } from '../objects/kubernetes.ts';
import { ours } from '../objects/names.ts';

type Spec = NonNullable<AdmissionPolicy['spec']>;
type Constraints = NonNullable<Spec['matchConstraints']>;

export interface Validation {
  /** CEL, true where it may be */
  readonly must: string;
  /** what is refused and what to do; names the field */
  readonly else: string;
}
export interface PolicyText {
  readonly name: string;
  readonly on: readonly { groups: string[]; resources: string[]; operations: string[] }[];
  readonly inNamespaces?: Constraints['namespaceSelector'];
  /** CEL: whose requests, or which */
  readonly when?: readonly { readonly name: string; readonly expression: string }[];
  readonly variables?: readonly { readonly name: string; readonly expression: string }[];
  readonly validations: readonly Validation[];
}

/** What cannot be judged is refused. */
export function policyOf(text: PolicyText): readonly [AdmissionPolicy, AdmissionBinding] {
  const metadata = { name: text.name, labels: ours() };
  return [
    {
      apiVersion: 'admissionregistration.k8s.io/v1',
      kind: 'ValidatingAdmissionPolicy',
      metadata,
      spec: {
        failurePolicy: 'Fail',
        matchConstraints: {
          matchPolicy: 'Equivalent',
          ...(text.inNamespaces === undefined ? {} : { namespaceSelector: text.inNamespaces }),
          resourceRules: text.on.map(({ groups, resources, operations }) => ({
            apiGroups: groups,
            apiVersions: ['*'],
            operations,
            resources,
          })),
        },
        ...(text.when === undefined ? {} : { matchConditions: [...text.when] }),
        ...(text.variables === undefined ? {} : { variables: [...text.variables] }),
        validations: text.validations.map(({ must, else: message }) => ({
          expression: must,
          message,
          reason: 'Forbidden',
        })),
      },
    },
    {
      apiVersion: 'admissionregistration.k8s.io/v1',
      kind: 'ValidatingAdmissionPolicyBinding',
      metadata,
      spec: { policyName: text.name, validationActions: ['Deny'] },
    },
  ];
}

/** A CEL list of strings. */
export function list(words: readonly string[]): string {
  return `[${words.map((word) => text(word)).join(', ')}]`;
}
/** A CEL string. */
export function text(word: string): string {
  return `'${word.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`;
}
