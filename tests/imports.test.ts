/** The arrows of docs/architecture.md: each room imports only what its row allows, through public faces, without cycles. */
import { readFileSync, readdirSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { describe, expect, it } from 'vitest';

const root = resolve(import.meta.dirname, '..');
const server = join(root, 'sandbox-server');

/** room → rooms it may import; contract and telemetry are everybody's. */
const TABLE: Readonly<Record<string, readonly string[]>> = {
  contract: [],
  telemetry: [],
  store: [],
  catalogue: [],
  replicas: ['store'],
  identity: ['store', 'replicas'],
  sandboxes: [],
  homes: ['sandboxes', 'store'],
  services: [],
  labs: ['store', 'replicas', 'catalogue', 'identity', 'sandboxes', 'services', 'namespaces'],
  relay: ['store', 'labs', 'sandboxes'],
  checks: ['replicas', 'catalogue', 'labs', 'sandboxes', 'services', 'identity', 'namespaces'],
  lake: ['labs', 'identity'],
  namespaces: ['identity', 'sandboxes'],
  edge: ['store', 'catalogue', 'identity', 'sandboxes', 'labs', 'relay', 'checks', 'lake', 'authoring'],
  agent: [],
  authoring: ['catalogue'],
  cli: [
    'store',
    'catalogue',
    'identity',
    'sandboxes',
    'services',
    'labs',
    'relay',
    'checks',
    'edge',
    'main.ts',
    'sandbox-rooms.ts',
    'authoring',
    'namespaces',
  ],
};
const EVERYBODY = ['contract', 'telemetry'];
/** What puts the rooms together, itself in none. */
const WIRING = ['main.ts', 'sandbox-rooms.ts'];

interface Import {
  readonly from: string;
  readonly to: string;
  readonly typeOnly: boolean;
}

const sources = filesBelow(server).filter((file) => /\.tsx?$/.test(file) && !/\.d\.ts$/.test(file));
const imports = sources.flatMap(importsOf);

describe('the import table', () => {
  it('has a row for every room', () => {
    const rooms = readdirSync(server, { withFileTypes: true })
      .filter((e) => e.isDirectory())
      .map((e) => e.name);
    expect(rooms.sort()).toEqual(Object.keys(TABLE).sort());
  });

  it('finds imports at all', () => expect(imports.length).toBeGreaterThan(50));

  it('holds: no room imports a room its row does not name', () => {
    expect(imports.filter((i) => !isTest(i.from) && !allowed(i)).map(show)).toEqual([]);
  });

  it('keeps the agent to types of the contract, and to what needs no schema library', () => {
    const plain = (file: string) => !/from 'zod'|from '\.\//.test(readFileSync(file, 'utf8'));
    const bad = imports.filter(
      (i) =>
        room(i.from) === 'agent' &&
        room(i.to) === 'contract' &&
        !i.typeOnly &&
        !isTest(i.from) &&
        !plain(i.to),
    );
    expect(bad.map(show)).toEqual([]);
  });

  it('lets only the wiring and the command line name a driver', () => {
    const names = (file: string) => /sandboxes\/(local|kubernetes|memory)\//.test(relative(root, file));
    const bad = imports.filter(
      (i) => names(i.to) && !['sandboxes', 'cli', ...WIRING].includes(room(i.from)) && !isTest(i.from),
    );
    expect(bad.map(show)).toEqual([]);
  });

  it('has no cycle between files', () => {
    expect(cycle(graph(imports.filter((i) => !i.typeOnly)))).toEqual([]);
  });

  it('keeps the page to the contract', () => {
    const client = filesBelow(join(root, 'site')).filter((f) => /site\/src\/lab\/.*\.tsx?$/.test(f));
    const bad = client
      .flatMap(importsOf)
      .filter((i) => i.to.startsWith(server) && room(i.to) !== 'contract' && !isTest(i.from));
    expect(bad.map(show)).toEqual([]);
  });

  it('bites: a forbidden arrow would be seen', () => {
    expect(
      allowed({ from: join(server, 'store/x.ts'), to: join(server, 'labs/face.ts'), typeOnly: false }),
    ).toBe(false);
    expect(
      cycle(
        new Map([
          ['a', ['b']],
          ['b', ['a']],
        ]),
      ),
    ).not.toEqual([]);
  });
});

function allowed({ from, to }: Import): boolean {
  const [a, b] = [room(from), room(to)];
  if (a === b || WIRING.includes(a) || EVERYBODY.includes(b)) return true;
  return TABLE[a]?.includes(b) ?? false;
}
function room(file: string): string {
  return relative(server, file).split('/')[0] ?? '';
}
function isTest(file: string): boolean {
  return /\.test\.tsx?$/.test(file) || /\/testing\//.test(file) || /conformance/.test(file);
}
function show({ from, to }: Import): string {
  return `${relative(root, from)} → ${relative(root, to)}`;
}
function importsOf(file: string): Import[] {
  const text = readFileSync(file, 'utf8');
  const pattern = /^\s*(?:import|export)\s+(type\s+)?(?:[^'"`;]*?\sfrom\s+)?['"](\.[^'"]+)['"]/gm;
  return [...text.matchAll(pattern)].map((m) => ({
    from: file,
    to: resolve(dirname(file), m[2] ?? ''),
    typeOnly: m[1] !== undefined,
  }));
}
function filesBelow(folder: string): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((e) => e.isFile() && !e.parentPath.includes('node_modules'))
    .map((e) => join(e.parentPath, e.name));
}
function graph(list: readonly Import[]): Map<string, string[]> {
  const out = new Map<string, string[]>();
  for (const { from, to } of list) out.set(from, [...(out.get(from) ?? []), to]);
  return out;
}
/** One cycle as a path, or []. */
function cycle(edges: ReadonlyMap<string, readonly string[]>): string[] {
  const done = new Set<string>();
  const walk = (node: string, path: readonly string[]): string[] => {
    if (path.includes(node)) return [...path.slice(path.indexOf(node)), node].map((f) => relative(root, f));
    if (done.has(node)) return [];
    for (const next of edges.get(node) ?? []) {
      const found = walk(next, [...path, node]);
      if (found.length > 0) return found;
    }
    done.add(node);
    return [];
  };
  for (const node of edges.keys()) {
    const found = walk(node, []);
    if (found.length > 0) return found;
  }
  return [];
}
