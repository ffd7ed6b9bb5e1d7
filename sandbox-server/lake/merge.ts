/** What Rucio and the transfer service said, as one picture: ordered, each thing once, bounded. Pure. */
import { LAKE_LIMIT } from '../contract/lake.ts';
import type {
  CopyState,
  LakeCopy,
  LakeData,
  LakeDid,
  LakeElement,
  LakeRule,
  LakeTransfer,
} from '../contract/lake.ts';
import type { Queued } from './queue/queue.ts';
import type { DidLine, ReplicaLine, UsageLine } from './rucio/answers.ts';
import type { Listed, RucioElement } from './rucio/rucio.ts';

export interface Parts {
  readonly account: string;
  readonly scope: string;
  readonly rules: Listed<LakeRule>;
  readonly dids: Listed<DidLine>;
  readonly replicas: Listed<ReplicaLine>;
  readonly usage: readonly UsageLine[];
  readonly elements: readonly RucioElement[];
  /** null: the transfer service does not answer */
  readonly transfers: readonly Queued[] | null;
}

/** A lake of this many elements or fewer is shown whole; of a larger one, only where the learner has something. */
const FEW = 8;

export function lakeOf(parts: Parts): LakeData {
  const replicas = once(parts.replicas.items, keyOf);
  const rules = once(parts.rules.items, ({ id }) => id).sort(newestFirst);
  const dids = ordered(parts.dids.items);
  const transfers = parts.transfers?.map((queued) => transferOf(queued, parts)).sort(oldestFirst) ?? null;
  return {
    account: parts.account,
    scope: parts.scope,
    elements: elementsOf(parts, replicas).slice(0, LAKE_LIMIT),
    dids: shownDids(parts.dids.items).map((did) => didOf(did, replicas)),
    moreDids: beyond(dids),
    rules: rules.slice(0, LAKE_LIMIT),
    moreRules: beyond(rules),
    transfers: transfers?.slice(0, LAKE_LIMIT) ?? null,
    moreTransfers: beyond(transfers ?? []),
    atLeast: parts.rules.cut || parts.dids.cut,
  };
}
/** Those that are drawn, and of which copies are asked: collections first, then by name. */
export function shownDids(dids: readonly DidLine[]): readonly DidLine[] {
  return ordered(dids).slice(0, LAKE_LIMIT);
}
function ordered(dids: readonly DidLine[]): DidLine[] {
  return once(dids, keyOf).sort(collectionsFirst);
}
function beyond(items: readonly unknown[]): number {
  return Math.max(0, items.length - LAKE_LIMIT);
}

function keyOf({ scope, name }: { readonly scope: string; readonly name: string }): string {
  return `${scope}:${name}`;
}
/** The last word on a thing stands, in the place of the first. */
function once<T>(items: readonly T[], key: (item: T) => string): T[] {
  return [...new Map(items.map((item) => [key(item), item])).values()];
}

const RANK = { container: 0, dataset: 1, file: 2 } as const;
const byName = new Intl.Collator('en', { numeric: true });
function collectionsFirst(a: DidLine, b: DidLine): number {
  return RANK[a.kind] - RANK[b.kind] || byName.compare(a.name, b.name) || (a.name < b.name ? -1 : 1);
}
function newestFirst(a: LakeRule, b: LakeRule): number {
  return b.createdAt - a.createdAt || (a.id < b.id ? -1 : 1);
}
function oldestFirst(a: LakeTransfer, b: LakeTransfer): number {
  return a.since - b.since || (a.id < b.id ? -1 : 1);
}

function didOf(did: DidLine, replicas: readonly ReplicaLine[]): LakeDid {
  const key = keyOf(did);
  const inside = did.kind === 'file' ? [] : replicas.filter(({ parents }) => parents.includes(key));
  const own = did.kind === 'file' ? replicas.filter((replica) => keyOf(replica) === key) : inside;
  const of = did.kind === 'file' ? 1 : Math.max(inside.length, did.files ?? 0);
  return {
    ...did,
    bytes: did.bytes ?? (did.kind === 'file' ? null : sum(inside.map(({ bytes }) => bytes ?? 0))),
    files: did.kind === 'file' ? null : of,
    datasets:
      did.kind === 'file'
        ? own
            .flatMap(({ parents }) => parents)
            .filter(unlessSeen)
            .sort()
        : [],
    copies: copiesOf(own, of),
  };
}
function unlessSeen(text: string, at: number, all: readonly string[]): boolean {
  return all.indexOf(text) === at;
}
function sum(numbers: readonly number[]): number {
  return numbers.reduce((a, b) => a + b, 0);
}

function copiesOf(replicas: readonly ReplicaLine[], of: number): LakeCopy[] {
  const states = new Map<string, CopyState[]>();
  for (const { copies } of replicas)
    for (const [element, state] of copies) states.set(element, [...(states.get(element) ?? []), state]);
  return [...states]
    .map(([element, found]) => ({
      element,
      state: overall(found),
      have: found.filter((s) => s === 'here').length,
      of,
    }))
    .sort((a, b) => (a.element < b.element ? -1 : 1));
}
/** Of a dataset's files at one element: what needs attention before what moves, what moves before what rests. */
function overall(states: readonly CopyState[]): CopyState {
  const order: readonly CopyState[] = ['bad', 'copying', 'leaving', 'away', 'here'];
  return order.find((state) => states.includes(state)) ?? 'away';
}

function elementsOf(parts: Parts, replicas: readonly ReplicaLine[]): LakeElement[] {
  const usage = new Map(parts.usage.map((line) => [line.element, line]));
  const mine = new Set([...usage.keys(), ...replicas.flatMap(({ copies }) => [...copies.keys()])]);
  const known = once(parts.elements, ({ name }) => name);
  return known
    .filter(({ name }) => known.length <= FEW || mine.has(name))
    .map((element) => elementOf(element, usage.get(element.name), replicas))
    .sort((a, b) => Number(a.nature === 'tape') - Number(b.nature === 'tape') || (a.name < b.name ? -1 : 1));
}
function elementOf(
  element: RucioElement,
  usage: UsageLine | undefined,
  replicas: readonly ReplicaLine[],
): LakeElement {
  const here = replicas.filter(({ copies }) => copies.get(element.name) === 'here');
  return {
    name: element.name,
    site: element.site ?? element.name.split('_')[0] ?? element.name,
    nature: element.tape ? 'tape' : 'disk',
    longitude: element.longitude,
    latitude: element.latitude,
    files: here.length,
    bytes: sum(here.map(({ bytes }) => bytes ?? 0)),
    quota: usage === undefined ? null : { used: usage.used, limit: usage.limit },
    writable: element.writable,
  };
}

/** The transfer service knows hosts and file names; elements and scopes are Rucio's. */
function transferOf(queued: Queued, { elements, rules, scope }: Parts): LakeTransfer {
  const elementAt = (host: string) => elements.find(({ hosts }) => hosts.includes(host))?.name ?? host;
  const theirs = rules.items.find(({ name }) => name === queued.name)?.scope;
  return { ...queued, scope: theirs ?? scope, from: elementAt(queued.from), to: elementAt(queued.to) };
}
