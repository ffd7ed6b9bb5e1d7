/** Builds the site when something it is made from has changed, and only then: a second start takes seconds. */
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { readFile, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Problem } from '../contract/errors.ts';

/** What the pages are made from, relative to the checkout. */
const INPUTS = [
  'site',
  'courses',
  'proofs',
  'sandbox-server/catalogue',
  'sandbox-server/contract',
  'astro.config.mjs',
  'package-lock.json',
];
const MARK = '.built-from';

/** @returns whether a build was needed. @throws Problem with the builder's last words where it fails. */
export async function buildSite(root: string, say: (line: string) => void): Promise<boolean> {
  const inputs = await hashOf(root);
  const mark = join(root, 'dist', MARK);
  if ((await readFile(mark, 'utf8').catch(absent)) === inputs) return false;
  say('building the site (about 20 s) …');
  await astro(root);
  const { compress } = (await import(join(root, 'site/compress.ts'))) as {
    compress: (folder: string) => Promise<unknown>;
  };
  await compress(join(root, 'dist'));
  await writeFile(mark, inputs);
  return true;
}

function astro(root: string): Promise<void> {
  const bin = join(root, 'node_modules/.bin/astro');
  const child = spawn(process.execPath, [bin, 'build'], {
    cwd: root,
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, ASTRO_TELEMETRY_DISABLED: '1' },
  });
  let words = '';
  const keep = (chunk: Buffer) => (words = (words + chunk.toString()).slice(-4000));
  child.stdout.on('data', keep);
  child.stderr.on('data', keep);
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code) =>
      code === 0 ? resolve() : reject(new Problem('internal', `The site could not be built:\n${words}`)),
    );
  });
}

async function hashOf(root: string): Promise<string> {
  const hash = createHash('sha256');
  for (const input of INPUTS) {
    for (const file of await filesOf(join(root, input)))
      hash
        .update(file.slice(root.length))
        .update('\0')
        .update(await readFile(file));
  }
  return hash.digest('hex');
}

async function filesOf(path: string): Promise<string[]> {
  const entries = await readdir(path, { recursive: true, withFileTypes: true }).catch(
    (error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOTDIR') return null;
      if (error.code === 'ENOENT') return [];
      throw error;
    },
  );
  if (entries === null) return [path];
  return entries
    .filter((e) => e.isFile())
    .map((e) => join(e.parentPath, e.name))
    .sort();
}

function absent(error: NodeJS.ErrnoException): null {
  if (error.code === 'ENOENT') return null;
  throw error;
}
