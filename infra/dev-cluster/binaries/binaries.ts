/**
 * Kubernetes and what belongs to it, built from pinned Go modules once and kept by the hash of what they are made of:
 * the module's files and the build line. Clusters of one person share them.
 */
import { createHash } from 'node:crypto';
import { spawn } from 'node:child_process';
import { mkdtemp, readFile, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { z } from 'zod';
import { Problem } from '../../../sandbox-server/contract/errors.ts';
import { isThere, makeWhole } from '../../../sandbox-server/sandboxes/local/settle.ts';
import { goSays, requireGo } from './go.ts';
import { writeMended, writeModFile } from './mended.ts';
import { RECIPES, buildWords, type BinaryName, type Recipe } from './recipes.ts';

/** absolute path of each */
export type Binaries = Readonly<Record<BinaryName, string>>;

const Downloaded = z.object({ Dir: z.string().min(1) });
const MODULES = join(import.meta.dirname, '../modules');

/** Where each is or would be. */
export async function placeBinaries(cache: string): Promise<Binaries> {
  const entries = await Promise.all(
    Object.values(RECIPES).map(async (recipe) => [recipe.name, await placeOf(cache, recipe)] as const),
  );
  return Object.fromEntries(entries) as Binaries;
}

export async function missingBinaries(
  binaries: Binaries,
  wanted: readonly BinaryName[],
): Promise<readonly BinaryName[]> {
  const there = await Promise.all(wanted.map((name) => isThere(binaries[name])));
  return wanted.filter((_, i) => there[i] !== true);
}

/**
 * Builds one; provide.ts sees to it that nobody else builds the same at once.
 * @param onPackage called with the count of packages compiled
 * @throws Problem `unavailable` where Go is missing, too old or fails
 */
export async function buildBinary(
  binaries: Binaries,
  name: BinaryName,
  onPackage: (count: number) => void,
  signal: AbortSignal,
): Promise<void> {
  await requireGo();
  const target = binaries[name];
  const recipe = RECIPES[name];
  await makeWhole(join(target, '..'), async (folder) => {
    const workshop = await mkdtemp(join(tmpdir(), 'palestra-build-'));
    try {
      const [verb = '', ...rest] = buildWords(recipe, join(folder, name));
      await go(recipe, [verb, ...(await mendedWords(recipe, workshop)), ...rest], onPackage, signal);
    } finally {
      await rm(workshop, { recursive: true, force: true });
    }
  });
}

async function mendedWords({ name, mended }: Recipe, workshop: string): Promise<readonly string[]> {
  if (mended === undefined) return [];
  const wrapper = join(MODULES, name);
  const told = await goSays(['mod', 'download', '-json', mended.module], wrapper);
  const { Dir: source } = Downloaded.parse(JSON.parse(told));
  const copy = join(workshop, 'module');
  await writeMended({ source, patch: join(wrapper, mended.patch), copy });
  const where = { wrapper, copy, folder: workshop };
  return ['-modfile', await writeModFile(mended.module, where, (words) => goSays(words, wrapper))];
}

/** The folder's name is the hash. */
async function placeOf(cache: string, recipe: Recipe): Promise<string> {
  return join(cache, `${recipe.name}-${await hashOf(recipe)}`, recipe.name);
}

async function hashOf(recipe: Recipe): Promise<string> {
  const folder = join(MODULES, recipe.name);
  const hash = createHash('sha256').update(`${process.arch} ${buildWords(recipe, 'OUT').join(' ')}`);
  for (const file of (await readdir(folder)).sort())
    hash.update(`\n${file}\n`).update(await readFile(join(folder, file)));
  return hash.digest('hex').slice(0, 12);
}

function go(
  recipe: Recipe,
  words: readonly string[],
  onPackage: (count: number) => void,
  signal: AbortSignal,
): Promise<void> {
  const [verb = '', ...rest] = words;
  const child = spawn('go', [verb, '-v', ...rest], {
    cwd: join(MODULES, recipe.name),
    env: { ...process.env, CGO_ENABLED: '0', GOFLAGS: '', GOWORK: 'off' },
    stdio: ['ignore', 'ignore', 'pipe'],
    signal,
  });
  const last: string[] = [];
  let count = 0;
  createInterface({ input: child.stderr }).on('line', (line) => {
    // -v names each package as it is compiled, on a line of its own
    if (/^[\w./~-]+$/.test(line)) onPackage((count += 1));
    else last.push(line);
  });
  return new Promise((done, fail) => {
    child.once('error', fail);
    child.once('close', (code) => {
      if (code === 0) return done();
      const words = last.slice(-12).join('\n').slice(-1500);
      fail(new Problem('unavailable', `Go could not build ${recipe.name}: ${words}`));
    });
  });
}
