/** The end of a lab's objects, of a namespace, and what is said where something holds it. */
import type { Cluster, Found } from './cluster/cluster.ts';
import type { KindName } from './cluster/kinds.ts';
import { refusedWith, unlessAbsent } from './cluster/refusal.ts';
import type { Stuck } from './face.ts';
import { LABEL, NOTE, SITE, labName, selector } from './objects/names.ts';
import { serverBinding } from './objects/account.ts';
import { isEnding, labOf, labsIn, onceAllowed, type Parts } from './preparing.ts';

/** The Secret first: tokens bound to it die within seconds (finding 5), and the garbage collector takes what it owns. */
export async function endLab(parts: Parts, namespace: string, lab: string): Promise<void> {
  const { cluster, settings } = parts;
  await cluster.remove({ kind: 'Secret', namespace, name: labName(lab) });
  await removeStale(cluster, namespace, lab, new Set());
  const way = { namespace: settings.sandboxes, name: `${labName(lab)}-cluster` };
  await cluster.remove({ kind: 'NetworkPolicy', ...way });
}

/** What this lab had and its lesson does not name any more. */
export async function removeStale(
  cluster: Cluster,
  namespace: string,
  lab: string,
  keep: ReadonlySet<string>,
): Promise<void> {
  const labels = selector({ [LABEL.lab]: lab });
  for (const kind of ['RoleBinding', 'NetworkPolicy'] as const) {
    const found = await cluster.list(kind, { namespace, labels });
    for (const { metadata } of found)
      if (!keep.has(`${kind}/${metadata.name}`))
        await cluster.remove({ kind, namespace, name: metadata.name });
  }
}

/**
 * Ends a namespace that no lab and no event needs. What somebody prepared in the meantime fails the deletion (409) and
 * is left alone. @returns whether its end began
 */
export async function endIfUnused(parts: Parts, name: string): Promise<boolean> {
  const { cluster, clock } = parts;
  const namespace = await cluster.get({ kind: 'Namespace', name });
  if (namespace === null || namespace.metadata.deletionTimestamp !== undefined) return false;
  if (namespace.metadata.labels?.[LABEL.learner] !== 'true') return false;
  const until = Date.parse(namespace.metadata.annotations?.[NOTE.keepUntil] ?? '');
  if (until > clock()) return false;
  if ((await labsIn(parts, name)).length > 0) return false;
  try {
    const { uid = '', resourceVersion = '' } = await noteHolders(cluster, namespace);
    return await cluster.remove({ kind: 'Namespace', name }, { uid, resourceVersion });
  } catch (error) {
    if (refusedWith(error, 409)) return false;
    throw error;
  }
}

/** Kinds that lessons make; their names can be read only while our right in the namespace lasts. */
const HOLDERS: readonly KindName[] = [
  'Pod',
  'Service',
  'ConfigMap',
  'PersistentVolumeClaim',
  'Job',
  'DaskCluster',
  'DaskWorkerGroup',
  'DaskJob',
];
/** finalizers that Kubernetes' own controllers take away by themselves */
const PASSING = new Set([
  'kubernetes.io/pvc-protection',
  'batch.kubernetes.io/job-tracking',
  'foregroundDeletion',
  'orphan',
]);
const MOST_NAMED = 20;

/** Writes on the namespace what has finalizers in it or runs at a site: the reason, should its end take long. */
async function noteHolders(cluster: Cluster, namespace: Found): Promise<Found['metadata']> {
  const name = namespace.metadata.name;
  const lists = await Promise.all(HOLDERS.map((kind) => holders(cluster, kind, name)));
  const held = lists.flat().slice(0, MOST_NAMED);
  if (held.length === 0) return namespace.metadata;
  const { labels = {}, annotations = {}, resourceVersion = '' } = namespace.metadata;
  const { metadata } = await cluster.apply({
    apiVersion: 'v1',
    kind: 'Namespace',
    metadata: {
      name,
      labels,
      annotations: { ...annotations, [NOTE.heldBy]: held.join('\n') },
      resourceVersion,
    },
  });
  return metadata;
}

/** A kind that this cluster does not have (no Dask operator) holds nothing. */
async function holders(cluster: Cluster, kind: KindName, namespace: string): Promise<string[]> {
  const found = await unlessAbsent(() => cluster.list(kind, { namespace }), []);
  return found.flatMap((object) => {
    const reasons = [...finalizersOf(object), ...siteOf(object)];
    return reasons.length === 0 ? [] : [`${kind} ${object.metadata.name} (${reasons.join(', ')})`];
  });
}
const finalizersOf = ({ metadata }: Found): string[] =>
  (metadata.finalizers ?? []).filter((one) => !PASSING.has(one));

/** A pod at an offload site is there until the site has confirmed its end (T76). */
function siteOf(object: Found): string[] {
  const { tolerations = [] } = (object['spec'] ?? {}) as { tolerations?: { key?: string; value?: string }[] };
  const site = tolerations.find(({ key }) => key === SITE)?.value;
  return site === undefined ? [] : [`at the site ${site}, which has to confirm its end`];
}

/** The namespace's own word on why it is still there. Pure. */
export function stuckOf(namespace: Found): Stuck | null {
  const since = namespace.metadata.deletionTimestamp;
  if (since === undefined) return null;
  const { annotations = {} } = namespace.metadata;
  const noted = annotations[NOTE.heldBy];
  return {
    namespace: namespace.metadata.name,
    login: annotations[NOTE.login] ?? '',
    since: Date.parse(since),
    heldBy: [...(noted === undefined ? [] : noted.split('\n')), ...conditionsOf(namespace)],
  };
}

const TELLING = new Set([
  'NamespaceContentRemaining',
  'NamespaceFinalizersRemaining',
  'NamespaceDeletionContentFailure',
]);
function conditionsOf(namespace: Found): string[] {
  const { conditions = [] } = (namespace['status'] ?? {}) as {
    conditions?: { type?: string; status?: string; message?: string }[];
  };
  return conditions.flatMap(({ type = '', status, message = '' }) =>
    TELLING.has(type) && status === 'True' ? [message] : [],
  );
}

/** Labs in this namespace that are gone; a lab younger than this may not be known yet everywhere. */
const YOUNG_MS = 120_000;
export async function orphansIn(
  parts: Parts,
  namespace: string,
  isAlive: (lab: string) => boolean | Promise<boolean>,
): Promise<readonly string[]> {
  const anchors = await labsIn(parts, namespace).catch(async (error: unknown) => {
    if (!refusedWith(error, 403)) throw error;
    // a preparation ended before the server had its right in there
    await parts.cluster.apply(serverBinding(namespace, parts.settings.server));
    return onceAllowed(parts, () => labsIn(parts, namespace));
  });
  const orphans: string[] = [];
  for (const { metadata } of anchors) {
    const lab = labOf(metadata);
    const age = parts.clock() - Date.parse(metadata.creationTimestamp ?? '');
    if (lab !== undefined && !(age < YOUNG_MS) && !(await isAlive(lab))) orphans.push(lab);
  }
  return orphans;
}

/** Work in a namespace that meanwhile began to end is not needed any more. */
export async function unlessEnding<T>(work: () => Promise<T>, instead: T): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (isEnding(error)) return instead;
    throw error;
  }
}
