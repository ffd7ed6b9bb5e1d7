/**
 * A Python environment from a locked list with hashes, named by its content: made once, whole or absent, shared by
 * lakes. gfal2, which speaks davs for Rucio, has no wheel: its binding is Debian's, for Debian's Python.
 */
import { createHash } from 'node:crypto';
import { mkdir, readFile, readdir, symlink } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { Problem } from '../../sandbox-server/contract/errors.ts';
import { findPython, type Python } from '../../sandbox-server/sandboxes/local/kits/python.ts';
import { installLocked } from '../../sandbox-server/sandboxes/local/kits/locked-environment.ts';
import { runTool } from '../../sandbox-server/sandboxes/local/kits/tool.ts';
import { BEGINNING, heard, packagesIn } from '../../sandbox-server/sandboxes/local/kits/uv-progress.ts';
import { provideUv } from '../../sandbox-server/sandboxes/local/kits/uv.ts';
import { isThere, makeWhole } from '../../sandbox-server/sandboxes/local/settle.ts';
import type { LakePlace } from './place.ts';

export interface EnvironmentOptions {
  /** before the hash in the folder's name */
  readonly name: string;
  /** the locked list */
  readonly lock: string;
  /** a uv that is there already; default: provided from its own locked list */
  readonly uv?: string;
  readonly signal: AbortSignal;
  readonly onProgress: (done: number, of: number) => void;
}
export interface Environment {
  readonly folder: string;
  readonly python: string;
  readonly site: string;
}

const UV_LOCK = join(import.meta.dirname, '../kits/uv.lock');
const DEBIAN = '/usr/lib/python3/dist-packages';

/** @returns null where it was not made yet */
export async function findEnvironment(
  place: LakePlace,
  name: string,
  lock: string,
): Promise<Environment | null> {
  const python = await thePython();
  const environment = await describe(place, name, lock, python);
  return (await isThere(environment.python)) ? environment : null;
}

/** @throws Problem or Error with uv's last words */
export async function provideEnvironment(
  place: LakePlace,
  options: EnvironmentOptions,
): Promise<Environment> {
  const python = await thePython();
  const environment = await describe(place, options.name, options.lock, python);
  if (!(await isThere(environment.python))) await build(place, options, environment, python);
  return environment;
}

/** Debian's gfal2 binding, seen from the environment. @throws Problem where it is not installed for this Python */
export async function linkGfal(environment: Environment): Promise<void> {
  const found = (await readdir(DEBIAN)).filter((name) => /^gfal2\..*\.so$/.test(name));
  if (found.length === 0)
    throw new Problem('unavailable', 'gfal2 is not installed: sudo apt-get install python3-gfal2');
  for (const name of found) {
    const link = join(environment.site, basename(name));
    if (!(await isThere(link))) await symlink(join(DEBIAN, name), link);
  }
}

async function build(
  place: LakePlace,
  options: EnvironmentOptions,
  environment: Environment,
  python: Python,
): Promise<void> {
  const { lock, signal } = options;
  await mkdir(place.folders.env, { recursive: true, mode: 0o755 });
  const uv =
    options.uv ??
    (await provideUv({ tools: place.folders.tools, lock: UV_LOCK, python: python.path, signal }));
  const of = packagesIn(await readFile(lock, 'utf8'));
  const onLine = countingProgress(of, options.onProgress);
  await makeWhole(environment.folder, async (folder) => {
    await installLocked({ uv, python: python.path, folder, locks: [lock], signal, onLine });
    // servers run as users of their own, and our umask may be strict
    await runTool(['chmod', '-R', 'a+rX', folder], signal);
  });
}

/** Forwards only, and only what is new: uv says much more than that. */
function countingProgress(
  of: number,
  onProgress: (done: number, of: number) => void,
): (line: string) => void {
  let state = BEGINNING;
  let told = 0;
  return (line) => {
    state = heard(state, line);
    // the last is kept for compiling, which takes a third of the time
    const done = state.phase === 'done' ? of : of - 1 - state.awaited.size;
    if (state.phase === 'resolving' || state.awaited.size === 0 || done <= told) return;
    told = done;
    onProgress(done, of);
  };
}

async function describe(place: LakePlace, name: string, lock: string, python: Python): Promise<Environment> {
  const hash = createHash('sha256')
    .update(await readFile(lock))
    .update(`${python.path} ${python.version}`);
  const folder = join(place.folders.env, `${name}-${hash.digest('hex').slice(0, 12)}`);
  const [major, minor] = python.version.split('.');
  return {
    folder,
    python: join(folder, 'bin/python'),
    site: join(folder, `lib/python${major}.${minor}/site-packages`),
  };
}

async function thePython(): Promise<Python> {
  const python = await findPython();
  if (python !== null) return python;
  throw new Problem(
    'unavailable',
    'Rucio needs Python 3.11 or newer where every user can read it: sudo apt-get install python3 python3-venv',
  );
}
