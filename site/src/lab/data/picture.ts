/** Where each element stands in the picture, what its circle says, and which way bytes go. Pure. */
import type {
  LakeData,
  LakeDid,
  LakeElement,
  LakeTransfer,
} from '../../../../sandbox-server/contract/lake.ts';
import { EXTENT, isInside, project } from './italy.ts';
import type { Point } from './italy.ts';
import { copyWord, share, sizeOf } from './words.ts';

/** Sites of this platform's own lake. The archive stands for a tape library; apart from the others it is seen better. */
const SITES: Readonly<Record<string, readonly [number, number]>> = {
  CNAF: [11.34, 44.5],
  NAPOLI: [14.27, 40.85],
  ARCHIVE: [9.02, 40.1],
};

export interface Node extends Point {
  readonly element: string;
  readonly site: string;
  readonly tape: boolean;
  /** `rest`: the picture shows all files, or none of this one is here */
  readonly tone: 'rest' | 'here' | 'copying' | 'bad';
  /** in the circle: a number of files, ✓, 38 %, ! */
  readonly text: string;
  /** used part of the quota, 0…1; null: no bound */
  readonly quota: number | null;
  /** side on which the name stands */
  readonly label: 'below' | 'above';
}
export interface Arc {
  readonly key: string;
  readonly path: string;
  readonly failed: boolean;
}
export interface Picture {
  readonly nodes: readonly Node[];
  readonly arcs: readonly Arc[];
  /** all sites are in the country that is drawn */
  readonly onMap: boolean;
  /** the same in words */
  readonly words: string;
}

/** @param did whose copies are shown; null: how many files lie where */
export function pictureOf(data: LakeData, did: LakeDid | null): Picture {
  const { places, onMap } = placesOf(data.elements);
  const moving = (data.transfers ?? []).filter((transfer) => did === null || isOf(transfer, did));
  const nodes = data.elements.map((element, at) =>
    nodeOf(element, places[at] ?? { x: 0, y: 0 }, did, moving),
  );
  return { nodes, arcs: arcsOf(moving, nodes), onMap, words: wordsOf(data, did, moving) };
}

function isOf(transfer: LakeTransfer, did: LakeDid): boolean {
  return did.kind === 'file' && transfer.scope === did.scope && transfer.name === did.name;
}

/** On the map where all are known to lie in it, apart from each other; else in a ring. */
function placesOf(elements: readonly LakeElement[]): { places: readonly Point[]; onMap: boolean } {
  const known = elements.map(({ site, longitude, latitude }) => {
    const degrees =
      SITES[site] ?? (longitude !== null && latitude !== null ? ([longitude, latitude] as const) : null);
    return degrees === null ? null : project(degrees);
  });
  const places = known.filter((point) => point !== null);
  if (places.length === known.length && places.every(isInside) && areApart(places))
    return { places, onMap: true };
  return { places: ring(elements.length), onMap: false };
}
const APART = 45;
function areApart(places: readonly Point[]): boolean {
  return places.every((a, at) => places.slice(at + 1).every((b) => Math.hypot(a.x - b.x, a.y - b.y) > APART));
}
function ring(count: number): Point[] {
  const [cx, cy] = [EXTENT.width / 2, EXTENT.height / 2];
  const radius = count < 2 ? 0 : EXTENT.width / 2 - 34;
  return Array.from({ length: count }, (_, at) => {
    const angle = (2 * Math.PI * at) / count - Math.PI / 2;
    return { x: cx + radius * Math.cos(angle), y: cy + radius * Math.sin(angle) };
  });
}

function nodeOf(
  element: LakeElement,
  place: Point,
  did: LakeDid | null,
  moving: readonly LakeTransfer[],
): Node {
  const { name, site, nature, files, quota } = element;
  return {
    ...place,
    ...stateOf(
      element,
      did,
      moving.find(({ to, state }) => to === name && state === 'moving'),
    ),
    element: name,
    site,
    tape: nature === 'tape',
    ...(did === null ? { text: String(files) } : {}),
    quota: quota === null || quota.limit === null ? null : Math.min(1, quota.used / Math.max(quota.limit, 1)),
    label: place.y < EXTENT.height - 46 ? 'below' : 'above',
  };
}
function stateOf(
  { name }: LakeElement,
  did: LakeDid | null,
  moving: LakeTransfer | undefined,
): Pick<Node, 'tone' | 'text'> {
  const far = moving === undefined ? null : share(moving);
  const percent = far === null ? '◔' : `${String(Math.floor(far * 100))}%`;
  if (did === null) return { tone: moving === undefined ? 'rest' : 'copying', text: percent };
  const copy = did.copies.find(({ element }) => element === name);
  if (copy === undefined) return { tone: 'rest', text: '–' };
  const part = did.kind === 'file' ? null : `${String(copy.have)}/${String(copy.of)}`;
  switch (copy.state) {
    case 'here':
      return { tone: 'here', text: part === null || copy.have === copy.of ? '✓' : part };
    case 'copying':
      return { tone: 'copying', text: part ?? percent };
    case 'bad':
      return { tone: 'bad', text: '!' };
    case 'away':
    case 'leaving':
      return { tone: 'rest', text: copy.state === 'away' ? '◌' : '⌫' };
  }
}

/** One arc for each pair of elements and direction, bent so that there and back are two. */
function arcsOf(moving: readonly LakeTransfer[], nodes: readonly Node[]): Arc[] {
  const pairs = new Map(moving.map((transfer) => [`${transfer.from} ${transfer.to}`, transfer]));
  return [...pairs].flatMap(([key, { from, to, state }]) => {
    const a = nodes.find(({ element }) => element === from);
    const b = nodes.find(({ element }) => element === to);
    return a === undefined || b === undefined || a === b
      ? []
      : [{ key, path: bend(a, b), failed: state === 'failed' }];
  });
}
/** circle and its ring */
export const RADIUS = 17;
function bend(a: Point, b: Point): string {
  const [dx, dy] = [b.x - a.x, b.y - a.y];
  const length = Math.hypot(dx, dy);
  const middle = { x: (a.x + b.x) / 2 + dy * 0.28, y: (a.y + b.y) / 2 - dx * 0.28 };
  const edge = ({ x, y }: Point): string => {
    const away = Math.hypot(middle.x - x, middle.y - y);
    const gap = Math.min(RADIUS + 6, length / 3) / away;
    return `${round(x + (middle.x - x) * gap)} ${round(y + (middle.y - y) * gap)}`;
  };
  return `M${edge(a)}Q${round(middle.x)} ${round(middle.y)} ${edge(b)}`;
}
function round(number: number): string {
  return String(Math.round(number * 10) / 10);
}

function wordsOf(data: LakeData, did: LakeDid | null, moving: readonly LakeTransfer[]): string {
  const siteOf = (name: string): string =>
    data.elements.find((element) => element.name === name)?.site ?? name;
  const ways = moving.map(
    ({ name, from, to, state, done, bytes }) =>
      `${name} from ${siteOf(from)} to ${siteOf(to)}${state === 'failed' ? ', failed' : ''}${done === null || bytes === null ? '' : `, ${sizeOf(done, bytes)}`}`,
  );
  const lying =
    did === null
      ? data.elements.map(({ site, files }) => `${site}: ${String(files)} ${files === 1 ? 'file' : 'files'}`)
      : did.copies.map((copy) => `${siteOf(copy.element)}: ${copyWord(did, copy).words}`);
  const what = did === null ? 'All your files' : did.name;
  const where = lying.length === 0 ? 'no copy anywhere' : lying.join('; ');
  return `${what}. ${where}.${ways.length === 0 ? '' : ` On their way: ${ways.join('; ')}.`}`;
}
