/** What an image has of Palestra: the agent as one file, what it reads from beside itself, and node-pty. */
import { chmod, cp, mkdtemp, readdir, readFile, rm, stat, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { z } from 'zod';
import { prepareRuntime } from '../../sandbox-server/sandboxes/local/runtime.ts';
import { folderHash } from './content.ts';

export interface AgentParts {
  readonly folder: string;
  readonly hash: string;
  /** packages of npm among them */
  readonly npm: readonly { readonly name: string; readonly version: string }[];
}

const PARTS = ['agent', 'node_modules', 'package.json'];
const Package = z.object({ name: z.string(), version: z.string() });

/** The parts that the local driver shows to its sandboxes, without what only it needs. The folder is the caller's to remove. */
export async function gatherAgent(tools: string): Promise<AgentParts> {
  const runtime = await prepareRuntime(join(tools, 'runtime'));
  const folder = await mkdtemp(join(tmpdir(), 'palestra-agent-'));
  try {
    for (const part of PARTS) await cp(join(runtime.folder, part), join(folder, part), { recursive: true });
    await symlink(runtime.entry, join(folder, 'agent.js'));
    await openToAll(folder);
    return { folder, hash: await folderHash(folder), npm: await packagesOf(join(folder, 'node_modules')) };
  } catch (error) {
    await rm(folder, { recursive: true, force: true });
    throw error;
  }
}

/** The learner's number is not the builder's, and the builder's umask may be strict. */
export async function openToAll(folder: string): Promise<void> {
  await chmod(folder, 0o755);
  for (const entry of await readdir(folder, { recursive: true, withFileTypes: true })) {
    const path = join(entry.parentPath, entry.name);
    if (entry.isDirectory()) await chmod(path, 0o755);
    else if (entry.isFile()) await chmod(path, ((await stat(path)).mode & 0o100) === 0 ? 0o644 : 0o755);
  }
}

async function packagesOf(folder: string): Promise<AgentParts['npm']> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const files = entries.filter(
    ({ name, parentPath }) =>
      name === 'package.json' && /(^|\/)node_modules\/(@[^/]+\/)?[^/]+$/.test(parentPath),
  );
  const read = files.map(async ({ parentPath }) =>
    Package.parse(JSON.parse(await readFile(join(parentPath, 'package.json'), 'utf8'))),
  );
  return (await Promise.all(read))
    .map(({ name, version }) => ({ name, version }))
    .toSorted((a, b) => (a.name < b.name ? -1 : 1));
}
