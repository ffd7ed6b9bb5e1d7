/** What is called how. Ours are known by prefix and by label: a name alone proves nothing. */
import type { NamespaceSettings } from '../../contract/namespace.ts';
import type { Person } from '../../identity/face.ts';
import { bitsOf } from '../../identity/person-id.ts';

const OURS = 'palestra';
export const LABEL = {
  managedBy: 'app.kubernetes.io/managed-by',
  /** 'true' on a learner's namespace: what admission policies select by */
  learner: 'palestra.dev/learner',
  /** whose it is: the person's id, which is hash(iss, sub) */
  person: 'palestra.dev/person',
  /** offload sites their pods may go to, with dots between */
  sites: 'palestra.dev/sites',
  /** the lab an object lives and ends with; on a sandbox's pod the lab that has it */
  lab: 'palestra.dev/lab',
} as const;
/** key of an offload site's label and taint on its node, and so of a pod's selector and toleration */
export const SITE = 'palestra.dev/site';
export const NOTE = {
  login: 'palestra.dev/login',
  /** when it was last prepared: also what makes a deletion that was decided before it fail */
  prepared: 'palestra.dev/prepared-at',
  /** kept without a lab until then (an event); absent: gone with its last lab */
  keepUntil: 'palestra.dev/keep-until',
  /** what had finalizers when it was ended */
  heldBy: 'palestra.dev/held-by',
  /** the lab's size, JSON */
  size: 'palestra.dev/size',
} as const;
export const LEARNER = 'learner';
/** ClusterRoles that lessons name by their last word. */
export const LESSON_ROLE = 'palestra-lesson-';
/** what everybody with a namespace may: look at what is theirs */
export const LOOK = 'look';
/** what the server may inside a learner's namespace, bound there by itself */
export const SERVER_ROLE = 'palestra-server-in-namespace';

/** what the chart's Dask operator may inside a learner's namespace, bound there by the server */
export const DASK_OPERATOR_ROLE = 'palestra-dask-operator';
/** The operator's account: beside the server's, and called after it. */
export function daskOperatorOf({ namespace, account }: NamespaceSettings['server']): Account {
  return { namespace, account: `${account}-dask` };
}
type Account = NamespaceSettings['server'];

/**
 * The namespace of this person: the prefix and the first 48 bits of hash(iss, sub) in hex. One person in a hundred
 * thousand meets somebody else's with a chance of 2·10⁻⁵, so the whole id stands in a label and is compared.
 * @param turn 2 and 3 where the one before is stuck in its end
 */
export function namespaceName({ id }: Pick<Person, 'id'>, prefix: string, turn = 1): string {
  const hex = (bitsOf(id).slice(0, 48).match(/.{4}/g) ?? []).map((four) =>
    Number.parseInt(four, 2).toString(16),
  );
  return `${prefix}${hex.join('')}${turn === 1 ? '' : `-${String(turn)}`}`;
}

export function labName(lab: string): string {
  return `${OURS}-lab-${lab}`;
}
export function ours(more: Readonly<Record<string, string>> = {}): Record<string, string> {
  return { [LABEL.managedBy]: OURS, ...more };
}
/** Selects what is ours, and whose. */
export function selector(labels: Readonly<Record<string, string>>): string {
  return Object.entries(ours(labels))
    .map(([key, value]) => `${key}=${value}`)
    .join(',');
}
