/**
 * What the server's image has: sources without their tests, of the packages those that the sources import, and which
 * services there are: courses name them, and one that nobody knows is a mistake in a course.
 */
import { cp, glob, mkdir, readFile, realpath } from 'node:fs/promises';
import { dirname, join, relative } from 'node:path';
import { build } from 'esbuild';
import { z } from 'zod';
import { Problem } from '../../sandbox-server/contract/errors.ts';
import { isThere } from '../../sandbox-server/sandboxes/local/settle.ts';

const COMMAND = 'sandbox-server/cli/palestra.ts';
/** what the command runs besides: a lake that others run, the chart's dataLake */
const PROGRAMS = ['infra/data-lake/existing.ts'];
const SERVICES = 'infra/*/service.yaml';
/** read when it runs, not imported; guides are tried live as lessons are */
const FOLDERS = ['sandbox-server', 'courses', 'dist', 'infra/kits', 'site/src/content/docs/guides'];
/** resolved when it runs: the local driver lays it beside the agent */
const RESOLVED = ['node-pty'];
const FILES = ['package.json', 'LICENSE'];
const TESTS = /\.test\.tsx?$|\/testing(\/|$)|\/node_modules(\/|$)|\/tests(\/|$)/;

const Package = z.object({
  name: z.string(),
  version: z.string(),
  dependencies: z.record(z.string(), z.string()).default({}),
  optionalDependencies: z.record(z.string(), z.string()).default({}),
  peerDependencies: z.record(z.string(), z.string()).default({}),
});
export interface NpmPackage {
  readonly name: string;
  readonly version: string;
  /** relative to the checkout */
  readonly folder: string;
}

/** Lays them into a folder. @throws Problem `unavailable` where the site was not built */
export async function gatherServer(root: string, folder: string): Promise<readonly NpmPackage[]> {
  if (!(await isThere(join(root, 'dist/index.html'))))
    throw new Problem('unavailable', 'The site is not built yet: npm run build');
  const beside = [...FOLDERS, ...FILES];
  for await (const path of glob(SERVICES, { cwd: root })) beside.push(path);
  return gatherPrograms(root, folder, { programs: [COMMAND, ...PROGRAMS], beside, resolved: RESOLVED });
}

/**
 * Lays programs of ours into a folder, as they lie in the checkout, with all that they import.
 * @returns the packages of npm among it
 */
export async function gatherPrograms(
  root: string,
  folder: string,
  what: {
    /** paths relative to the checkout */
    readonly programs: readonly string[];
    /** files and folders that are read when they run, relative to the checkout */
    readonly beside: readonly string[];
    /** packages that are resolved when they run */
    readonly resolved: readonly string[];
  },
): Promise<readonly NpmPackage[]> {
  const { sources, packages } = await importsOf(root, what.programs);
  const within = (path: string) => what.beside.some((one) => path.startsWith(`${one}/`));
  const paths = [...what.beside, ...sources.filter((path) => !within(path))];
  for (const path of paths) await copy(join(root, path), join(folder, path));
  const all = await withDependencies(root, [...packages, ...what.resolved]);
  for (const one of all) await copy(join(root, one.folder), join(folder, one.folder), false);
  return all;
}

/** What programs and all that they import are: our files, and names of packages. */
async function importsOf(
  root: string,
  programs: readonly string[],
): Promise<{ sources: readonly string[]; packages: readonly string[] }> {
  const { metafile } = await build({
    entryPoints: programs.map((path) => join(root, path)),
    absWorkingDir: root,
    bundle: true,
    platform: 'node',
    format: 'esm',
    packages: 'external',
    metafile: true,
    write: false,
    outdir: 'nowhere',
    logLevel: 'silent',
  });
  const imports = Object.values(metafile.inputs).flatMap((input) => input.imports);
  const outside = imports.filter(({ path, external }) => external === true && !path.startsWith('node:'));
  return {
    sources: Object.keys(metafile.inputs),
    packages: [...new Set(outside.map(({ path }) => packageOf(path)))].toSorted(),
  };
}

/** `@a/b/c` is in the package `@a/b`, `a/b` in `a`; pure. */
export function packageOf(specifier: string): string {
  return specifier
    .split('/')
    .slice(0, specifier.startsWith('@') ? 2 : 1)
    .join('/');
}

/** Each package with those it needs, from where Node would take them. */
export async function withDependencies(
  root: string,
  names: readonly string[],
): Promise<readonly NpmPackage[]> {
  const found = new Map<string, NpmPackage>();
  const add = async (name: string, from: string, needed: boolean): Promise<void> => {
    const folder = await findPackage(root, name, from);
    if (folder === null) {
      if (needed) throw new Problem('unavailable', `The package ${name} is not installed: npm ci`);
      return;
    }
    if (found.has(folder)) return;
    const read = Package.parse(JSON.parse(await readFile(join(root, folder, 'package.json'), 'utf8')));
    found.set(folder, { name: read.name, version: read.version, folder });
    for (const each of Object.keys(read.dependencies)) {
      const optional = each in read.optionalDependencies;
      await add(each, folder, !optional);
    }
    // another platform's, or a peer that nobody installed
    for (const each of Object.keys({ ...read.optionalDependencies, ...read.peerDependencies }))
      await add(each, folder, false);
  };
  for (const name of names) await add(name, '', true);
  return [...found.values()].toSorted((a, b) => (a.folder < b.folder ? -1 : 1));
}

/** The nearest node_modules from a folder upwards; built-in modules are no packages. */
async function findPackage(root: string, name: string, from: string): Promise<string | null> {
  for (let at = join(root, from); ; at = dirname(at)) {
    const folder = join(at, 'node_modules', name);
    if (await isThere(join(folder, 'package.json'))) return relative(root, folder);
    if (at === root) return null;
  }
}

async function copy(from: string, to: string, leaveTests = true): Promise<void> {
  await mkdir(dirname(to), { recursive: true });
  await cp(await realpath(from), to, {
    recursive: true,
    verbatimSymlinks: true,
    // a package's own nested packages are laid by themselves
    filter: (path) => (leaveTests ? !TESTS.test(path) : !path.slice(from.length).includes('/node_modules')),
  });
}
