/**
 * What a sandbox sees of Palestra: Node, the agent as one file and the one package with a binary, in a folder of
 * their own.
 * Nothing else of the repository is visible inside (courses stand there with their solutions).
 * Made once for each content, under another name and renamed.
 */
import { createHash } from 'node:crypto';
import { constants, cp, copyFile, link, mkdir, readFile, stat, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { basename, dirname, join } from 'node:path';
import { bundle } from './bundle.ts';
import { etcFiles } from './etc.ts';
import { isThere, makeWhole } from './settle.ts';

export interface AgentSource {
  /** folder of the agent's sources */
  readonly folder: string;
  /** file in it that is started */
  readonly entry: string;
  /** files in it that it reads from beside its entry */
  readonly beside?: readonly string[];
}
export const AGENT: AgentSource = {
  folder: new URL('../../agent', import.meta.url).pathname,
  entry: 'main.ts',
  beside: ['terminals/bashrc.sh', 'terminals/pythonrc.py', 'terminals/python-statements.py'],
};
const ENTRY = 'agent/main.js';
const FORWARDER = 'services/forwarder.js';

export interface Runtime {
  readonly folder: string;
  /** as the sandbox sees it, relative to its mount */
  readonly node: string;
  readonly entry: string;
  /** the program that carries connections to a service, see `services/` */
  readonly forwarder: string;
}

export interface RuntimeOptions {
  readonly agent?: AgentSource | undefined;
  /** the interpreter to run the agent on */
  readonly node?: string;
  /** names of services that /etc/hosts knows */
  readonly hosts?: readonly string[];
}

/** Prepares (or finds) the runtime below `root`. */
export async function prepareRuntime(root: string, options: RuntimeOptions = {}): Promise<Runtime> {
  const { agent = AGENT, node = process.execPath, hosts = [] } = options;
  const packages = [...packageFolders()];
  const files = { ...(await programs(agent)), ...inFolder('etc', etcFiles(hosts)) };
  const folder = join(root, await contentHash(node, files, packages));
  const runtime: Runtime = { folder, node: 'bin/node', entry: ENTRY, forwarder: FORWARDER };
  if (!(await isThere(join(folder, 'package.json'))))
    await makeWhole(folder, (building) => fill(building, node, files, packages));
  return runtime;
}

async function fill(
  building: string,
  node: string,
  files: Readonly<Record<string, string>>,
  packages: readonly [string, string][],
): Promise<void> {
  await mkdir(join(building, 'bin'));
  await linkOrCopy(node, join(building, 'bin/node'));
  for (const [name, from] of packages)
    await cp(from, join(building, 'node_modules', name), { recursive: true });
  for (const [name, text] of Object.entries(files)) {
    await mkdir(dirname(join(building, name)), { recursive: true });
    await writeFile(join(building, name), text);
  }
  await writeFile(join(building, 'package.json'), JSON.stringify({ type: 'module', private: true }));
}

/** The agent, what it reads from beside itself, and the forwarder: file name → content. */
async function programs(agent: AgentSource): Promise<Readonly<Record<string, string>>> {
  const [main, forwarder, ...beside] = await Promise.all([
    bundle(join(agent.folder, agent.entry)),
    bundle(new URL('./services/forwarder.ts', import.meta.url).pathname),
    ...(agent.beside ?? []).map((file) => readFile(join(agent.folder, file), 'utf8')),
  ]);
  const read = (agent.beside ?? []).map((file, at) => [basename(file), beside[at] ?? ''] as const);
  return { [ENTRY]: main, [FORWARDER]: forwarder, ...inFolder('agent', Object.fromEntries(read)) };
}

function inFolder(folder: string, files: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(files).map(([name, text]) => [join(folder, name), text]));
}

/** What stays outside of the agent's bundle: node-pty, whose binary is a package of its own for each platform. */
function* packageFolders(): Generator<[name: string, folder: string]> {
  const require = createRequire(import.meta.url);
  const folderOf = (name: string) => dirname(require.resolve(`${name}/package.json`));
  for (const name of ['node-pty', `@lydell/node-pty-${process.platform}-${process.arch}`])
    yield [name, folderOf(name)];
}

async function contentHash(
  node: string,
  files: Readonly<Record<string, string>>,
  packages: readonly [string, string][],
): Promise<string> {
  const hash = createHash('sha256');
  const { size, mtimeMs } = await stat(node);
  hash.update(`${process.version} ${size} ${mtimeMs}\n`);
  hash.update(JSON.stringify(files));
  for (const [, folder] of packages) hash.update(await readFile(join(folder, 'package.json')));
  return hash.digest('hex').slice(0, 16);
}

/** Node is 120 MB: a link where the file system allows it. */
async function linkOrCopy(from: string, to: string): Promise<void> {
  try {
    await link(from, to);
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code ?? '';
    // another file system, links forbidden (fs.protected_hardlinks), or too many of them
    if (!['EXDEV', 'EPERM', 'EMLINK', 'EACCES'].includes(code)) throw error;
    await copyFile(from, to, constants.COPYFILE_FICLONE);
  }
}
