/**
 * An author's checkout for a test or a bench: a copy of this one, with its built site, in which lessons may be saved. What
 * is installed is shared.
 */
import { cp, mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { buildSite } from '../../sandbox-server/cli/site-build.ts';

const ROOT = resolve(import.meta.dirname, '../..');
/** State, what is installed, and what a build keeps for itself. */
const NOT_COPIED: ReadonlySet<string> = new Set([
  'node_modules',
  '.git',
  '.palestra',
  '.astro',
  '.ci',
  'dist',
]);

export interface AuthorsCopy extends AsyncDisposable {
  readonly root: string;
  /** @param path relative to the copy */
  read(path: string): Promise<string>;
  save(path: string, text: string): Promise<void>;
}

/** `PALESTRA_DIST` names a site that is built already. */
export async function authorsCopy(): Promise<AuthorsCopy> {
  const dist = process.env['PALESTRA_DIST'] ?? join(ROOT, 'dist');
  if (process.env['PALESTRA_DIST'] === undefined)
    await buildSite(ROOT, (line) => process.stdout.write(`${line}\n`));
  const root = await mkdtemp(join(tmpdir(), 'palestra-author-'));
  for (const name of await readdir(ROOT))
    if (!NOT_COPIED.has(name)) await cp(join(ROOT, name), join(root, name), { recursive: true });
  await cp(dist, join(root, 'dist'), { recursive: true });
  await symlink(join(ROOT, 'node_modules'), join(root, 'node_modules'));
  return {
    root,
    read: (path) => readFile(join(root, path), 'utf8'),
    save: (path, text) => writeFile(join(root, path), text),
    [Symbol.asyncDispose]: () => rm(root, { recursive: true, force: true }),
  };
}
