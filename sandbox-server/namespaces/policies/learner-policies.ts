/**
 * What pods and Services in learners' namespaces may be, besides *restricted*: nothing that passes by the scheduler,
 * the offload sites' bounds or the policies of the network (findings 11 and 17). Whoever makes them: the learner, a
 * Job's controller, an operator.
 */
import type { AdmissionBinding, AdmissionPolicy } from '../objects/kubernetes.ts';
import { LABEL, LEARNER, SITE } from '../objects/names.ts';
import { isHeard, siteEnds } from './site-policies.ts';
import { list, policyOf, text, type PolicyText, type Validation } from './policy.ts';

export interface PodBounds {
  /** first parts of images' names that may run; empty: any */
  readonly images: readonly string[];
  /** RuntimeClasses and PriorityClasses that may be named; absent classes always may */
  readonly runtimeClasses: readonly string[];
  readonly priorityClasses: readonly string[];
}
export const NO_BOUNDS: PodBounds = { images: [], runtimeClasses: [], priorityClasses: [] };

const LEARNERS = { matchLabels: { [LABEL.learner]: 'true' } };
/** put there by the API server itself */
const OWN_TOLERATIONS = [
  'node.kubernetes.io/not-ready',
  'node.kubernetes.io/unreachable',
  'node.kubernetes.io/memory-pressure',
];
const NODE_KEYS = ['kubernetes.io/os', 'kubernetes.io/arch'];
/** Prefixes of annotations that no virtual kubelet reads as orders: LimitRange, Jobs, kubectl and Dask write these. */
const ANNOTATIONS = [
  'kubernetes.io/limit-ranger',
  'kubectl.kubernetes.io/',
  'batch.kubernetes.io/',
  'kubernetes.dask.org/',
  'kopf.zalando.org/',
];

export function learnerPolicies(bounds: PodBounds): readonly (AdmissionPolicy | AdmissionBinding)[] {
  return [pods(bounds), siteEnds(LEARNERS), services()].flatMap((policy) => policyOf(policy));
}

function pods(bounds: PodBounds): PolicyText {
  return {
    name: 'palestra-learner-pods',
    on: [{ groups: [''], resources: ['pods'], operations: ['CREATE'] }],
    inNamespaces: LEARNERS,
    variables: [
      {
        name: 'sites',
        expression: `namespaceObject.metadata.?labels[?${text(LABEL.sites)}].orValue('').split('.')`,
      },
      {
        name: 'containers',
        expression:
          'object.spec.containers + (has(object.spec.initContainers) ? object.spec.initContainers : [])',
      },
    ],
    validations: [...places(), isHeard(), ...credentials(), ...classes(bounds), ...images(bounds)],
  };
}

/** Where a pod runs is the scheduler's to say, within the sites that the namespace was granted. */
function places(): readonly Validation[] {
  const site = (value: string): string => `${value} != '' && ${value} in variables.sites`;
  const tolerated = `t.?key.orValue('') in ${list(OWN_TOLERATIONS)} || (t.?key.orValue('') == ${text(SITE)} && ${site("t.?value.orValue('')")})`;
  const selected = `k in ${list(NODE_KEYS)} || (k == ${text(SITE)} && ${site('object.spec.nodeSelector[k]')})`;
  const allowed = ANNOTATIONS.map((prefix) => `k.startsWith(${text(prefix)})`).join(' || ');
  return [
    {
      must: "object.spec.?nodeName.orValue('') == ''",
      else: 'spec.nodeName: the scheduler chooses the node; leave this out',
    },
    {
      must: `!has(object.spec.tolerations) || object.spec.tolerations.all(t, ${tolerated})`,
      else: `spec.tolerations: only ${SITE} with a site that your groups grant`,
    },
    {
      must: `!has(object.spec.nodeSelector) || object.spec.nodeSelector.all(k, ${selected})`,
      else: `spec.nodeSelector: only ${SITE} with a site that your groups grant, ${NODE_KEYS.join(' and ')}`,
    },
    {
      must: '!has(object.spec.affinity) || !has(object.spec.affinity.nodeAffinity)',
      else: `spec.affinity.nodeAffinity: use spec.nodeSelector with ${SITE}`,
    },
    {
      must: `!has(object.metadata.annotations) || object.metadata.annotations.all(k, ${allowed})`,
      else: 'metadata.annotations: annotations can be orders to an offload site; only those of kubectl, Jobs and Dask are taken',
    },
    {
      must: "object.spec.?schedulerName.orValue('default-scheduler') == 'default-scheduler'",
      else: 'spec.schedulerName: leave this out',
    },
  ];
}

/** No pod holds a token: what runs elsewhere would carry it there (T48, T76). */
function credentials(): readonly Validation[] {
  return [
    {
      must: '!object.spec.?automountServiceAccountToken.orValue(false)',
      else: 'spec.automountServiceAccountToken: pods here hold no token; leave this out',
    },
    {
      must: '!has(object.spec.volumes) || object.spec.volumes.all(v, !has(v.projected) || !has(v.projected.sources) || v.projected.sources.all(s, !has(s.serviceAccountToken) && !has(s.clusterTrustBundle)))',
      else: 'spec.volumes[].projected.sources[].serviceAccountToken: pods here hold no token',
    },
    {
      must: '!has(object.spec.volumes) || object.spec.volumes.all(v, !has(v.csi))',
      else: 'spec.volumes[].csi: use an emptyDir or a PersistentVolumeClaim',
    },
    {
      must: `object.spec.?serviceAccountName.orValue('default') in ['default', ${text(LEARNER)}]`,
      else: `spec.serviceAccountName: default or ${LEARNER}`,
    },
  ];
}

function classes({ runtimeClasses, priorityClasses }: PodBounds): readonly Validation[] {
  const named = (field: string, allowed: readonly string[]): Validation => ({
    must: `object.spec.?${field}.orValue('') in ${list(['', ...allowed])}`,
    else: `spec.${field}: ${allowed.length === 0 ? 'leave this out' : `only ${allowed.join(', ')}`}`,
  });
  return [
    // a priority above the sandboxes' would push other learners out
    named('priorityClassName', priorityClasses),
    named('runtimeClassName', runtimeClasses),
    {
      must: '!has(object.spec.resourceClaims)',
      else: 'spec.resourceClaims: devices are asked for in resources.limits, where they are counted',
    },
  ];
}

function images({ images: allowed }: PodBounds): readonly Validation[] {
  if (allowed.length === 0) return [];
  const known = allowed.map((prefix) => `c.image.startsWith(${text(prefix)})`).join(' || ');
  return [
    {
      must: `variables.containers.all(c, ${known})`,
      else: `spec.containers[].image: only images of ${allowed.join(', ')}`,
    },
  ];
}

/** Inside the cluster only: nothing that takes an address of the network's, or points somewhere else. */
function services(): PolicyText {
  return {
    name: 'palestra-learner-services',
    on: [{ groups: [''], resources: ['services'], operations: ['CREATE', 'UPDATE'] }],
    inNamespaces: LEARNERS,
    validations: [
      {
        must: "object.spec.?type.orValue('ClusterIP') == 'ClusterIP'",
        else: 'spec.type: only ClusterIP; reach it from your lab by its name',
      },
      {
        must: '!has(object.spec.externalIPs) || size(object.spec.externalIPs) == 0',
        else: 'spec.externalIPs: not here',
      },
    ],
  };
}
