/** The steps of a preparation, in order; each is one idempotent call or a few. */
import { Problem } from '../contract/errors.ts';
import { Size, type NamespaceSettings } from '../contract/namespace.ts';
import type { Access } from './access.ts';
import type { Cluster, Found } from './cluster/cluster.ts';
import { refusedWith } from './cluster/refusal.ts';
import type { Learner } from './face.ts';
import type { Metadata, Owner } from './objects/kubernetes.ts';
import { LABEL, NOTE, labName, namespaceName, selector } from './objects/names.ts';
import type { ApiEndpoint } from './objects/network.ts';
import { labSecret, ownerOf, serverBinding } from './objects/account.ts';
import { namespaceObject, type NamespaceNotes } from './objects/namespace.ts';
import { boundsOf } from './objects/plan.ts';
import { largest } from './sizes.ts';

export interface Parts {
  readonly cluster: Cluster;
  readonly settings: NamespaceSettings;
  readonly clock: () => number;
  readonly sleep: (ms: number) => Promise<void>;
}
/** A namespace that ends is waited for so long; then the next name is taken, so that nobody waits for a finalizer (F21). */
const WAIT_FOR_END_MS = 15_000;
const TURNS = [1, 2, 3] as const;

export interface Place {
  readonly name: string;
  /** as an event asked for, where it stands already */
  readonly keepUntil?: number;
}
/** @returns what to use: a name that is free, or a namespace that is there and this person's */
export async function placeFor(parts: Parts, person: Learner): Promise<Place> {
  for (const turn of TURNS) {
    const name = namespaceName(person, parts.settings.prefix, turn);
    const found = await settled(parts, name, person);
    if (found === null) return { name };
    if (found.metadata.deletionTimestamp !== undefined) continue;
    const keepUntil = Date.parse(found.metadata.annotations?.[NOTE.keepUntil] ?? '');
    return Number.isNaN(keepUntil) ? { name } : { name, keepUntil };
  }
  throw new Problem(
    'unavailable',
    'Your namespaces of before are still being removed. The operator has been told; your lab runs on without the cluster.',
    { details: { namespace: namespaceName(person, parts.settings.prefix) } },
  );
}

/** Waits for one that is ending. @returns it, still ending where it takes too long; null: gone, or never there */
async function settled(parts: Parts, name: string, person: Learner): Promise<Found | null> {
  const giveUp = parts.clock() + WAIT_FOR_END_MS;
  for (let wait = 250; ; wait = Math.min(2000, wait * 2)) {
    const found = await parts.cluster.get({ kind: 'Namespace', name });
    if (found === null) return null;
    mustBeTheirs(found, person);
    if (found.metadata.deletionTimestamp === undefined) return found;
    if (parts.clock() >= giveUp || isHeld(found)) return found;
    await parts.sleep(wait);
  }
}

/** Something with a finalizer was in it when its end began: it may take long. */
function isHeld(namespace: Found): boolean {
  return (namespace.metadata.annotations?.[NOTE.heldBy] ?? '') !== '';
}

/** Two people whose hashes begin alike never share a namespace, and nothing that is not ours is taken over. */
function mustBeTheirs({ metadata }: Found, person: Learner): void {
  if (metadata.labels?.[LABEL.learner] === 'true' && metadata.labels[LABEL.person] === person.id) return;
  throw new Problem(
    'conflict',
    `There is a namespace ${metadata.name} on the cluster that is not yours. Please tell the operator.`,
    { details: { namespace: metadata.name, person: person.id } },
  );
}

/**
 * Namespace, the server's right in it, and all that bounds it, as large as the largest of the labs in it.
 * @param lab whose size may change now; null: none is there yet
 */
export async function layGround(
  parts: Parts,
  { name, keepUntil }: Place,
  person: Learner,
  access: Pick<Access, 'size' | 'sites'>,
  lab: string | null,
): Promise<void> {
  const { cluster, settings, clock } = parts;
  const notes: NamespaceNotes = {
    preparedAt: clock(),
    sites: access.sites,
    ...(keepUntil === undefined ? {} : { keepUntil }),
  };
  await cluster.apply(namespaceObject(name, person, notes));
  await cluster.apply(serverBinding(name, settings.server));
  // the API server's authorizer learns of the new right some milliseconds later
  const labs = await onceAllowed(parts, () => labsIn(parts, name));
  const size = sharedSize(labs, lab ?? '', access.size);
  await Promise.all(boundsOf(name, size, settings).map((object) => cluster.apply(object)));
}

const ALLOWED_WITHIN_MS = 5000;
export async function onceAllowed<T>(
  parts: Pick<Parts, 'sleep' | 'clock'>,
  work: () => Promise<T>,
): Promise<T> {
  const giveUp = parts.clock() + ALLOWED_WITHIN_MS;
  for (let wait = 20; ; wait = Math.min(500, wait * 2)) {
    try {
      return await work();
    } catch (error) {
      if (!refusedWith(error, 403) || isEnding(error) || parts.clock() > giveUp) throw error;
      await parts.sleep(wait);
    }
  }
}
/** A namespace that began to end takes nothing new: 403 with these words. */
export function isEnding(error: unknown): boolean {
  return refusedWith(error, 403) && /being terminated/.test(error.message);
}

/** The anchor of this lab; its uid binds everything else. */
export async function anchor(parts: Parts, namespace: string, lab: string, size: Size): Promise<Owner> {
  const made = await parts.cluster.apply(labSecret(namespace, lab, size));
  return ownerFrom(made);
}
export function ownerFrom({ metadata }: Found): Owner {
  if (metadata.uid === undefined) throw new TypeError('a Secret without a uid');
  return ownerOf({ name: metadata.name, uid: metadata.uid });
}

/** The largest of what this person's labs were given: they share a quota. */
function sharedSize(labs: readonly Found[], lab: string, own: Size): Size {
  const others = labs.filter(({ metadata }) => metadata.name !== labName(lab));
  return largest([own, ...others.flatMap(sizeNoted)]);
}
function sizeNoted({ metadata }: Found): Size[] {
  const noted = metadata.annotations?.[NOTE.size];
  const size = noted === undefined ? undefined : Size.safeParse(JSON.parse(noted)).data;
  return size === undefined ? [] : [size];
}

/** Anchors of labs in this namespace. */
export async function labsIn(
  { cluster }: Pick<Parts, 'cluster'>,
  namespace: string,
): Promise<readonly Found[]> {
  const secrets = await cluster.list('Secret', { namespace, labels: selector({}) });
  return secrets.filter(({ metadata }) => labOf(metadata) !== undefined);
}
export function labOf({ labels }: Pick<Metadata, 'labels'>): string | undefined {
  return labels?.[LABEL.lab];
}

/** Where the API server really listens, behind its Service. */
export async function apiEndpoints({ cluster }: Pick<Parts, 'cluster'>): Promise<readonly ApiEndpoint[]> {
  const slice = await cluster.get({ kind: 'EndpointSlice', namespace: 'default', name: 'kubernetes' });
  if (slice === null) return [];
  const { endpoints = [], ports = [] } = slice as unknown as {
    endpoints?: { addresses?: string[] }[];
    ports?: { port?: number }[];
  };
  const addresses = endpoints.flatMap(({ addresses: each = [] }) => each);
  return addresses.flatMap((address) =>
    ports.flatMap(({ port }) => (port === undefined ? [] : [{ address, port }])),
  );
}
