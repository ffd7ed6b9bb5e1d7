/**
 * What a sandbox sees of Palestra: Node, the agent and the two packages it uses, in a folder of their own.
 * Nothing else of the repository is visible inside (courses stand there with their solutions).
 * Made once for each content, under another name and renamed.
 */
import { execFile } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import { constants, cp, copyFile, link, mkdir, readFile, readdir, stat, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join, relative } from 'node:path';
import { promisify } from 'node:util';
import { etcFiles } from './etc.ts';
import { settle } from './settle.ts';

export interface AgentSource {
  /** folder of the agent's sources; copied whole but for tests */
  readonly folder: string;
  /** file in it that is started */
  readonly entry: string;
}
export const AGENT: AgentSource = {
  folder: new URL('../../agent', import.meta.url).pathname,
  entry: 'main.ts',
};

const FORWARDER = new URL('./services/forwarder.ts', import.meta.url).pathname;

export interface Runtime {
  readonly folder: string;
  /** as the sandbox sees it, relative to its mount */
  readonly node: string;
  readonly entry: string;
  /** the program that carries connections to a service, see `services/` */
  readonly forwarder: string;
}

/** Prepares (or finds) the runtime below `root`. @param node the interpreter to run the agent on */
export async function prepareRuntime(root: string, agent = AGENT, node = process.execPath): Promise<Runtime> {
  const sources = await agentFiles(agent.folder);
  const packages = [...packageFolders()];
  const folder = join(root, await contentHash(node, sources, packages));
  const runtime: Runtime = {
    folder,
    node: 'bin/node',
    entry: `agent/${agent.entry.replace(/\.ts$/, '.js')}`,
    forwarder: 'services/forwarder.js',
  };
  if (await exists(join(folder, 'package.json'))) return runtime;
  const building = `${folder}.${randomBytes(4).toString('hex')}`;
  await mkdir(join(building, 'bin'), { recursive: true });
  await linkOrCopy(node, join(building, 'bin/node'));
  await toPlainJavaScript(agent.folder, join(building, 'agent'), sources);
  await toPlainJavaScript(dirname(FORWARDER), join(building, 'services'), [FORWARDER]);
  for (const [name, from] of packages)
    await cp(from, join(building, 'node_modules', name), { recursive: true });
  await mkdir(join(building, 'etc'));
  for (const [name, text] of Object.entries(etcFiles())) await writeFile(join(building, 'etc', name), text);
  await writeFile(join(building, 'package.json'), JSON.stringify({ type: 'module', private: true }));
  await settle(building, folder);
  return runtime;
}

async function agentFiles(folder: string): Promise<readonly string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const wanted = entries.filter(
    (entry) =>
      entry.isFile() &&
      !/\.test\.ts$|\.d\.ts$/.test(entry.name) &&
      !/(^|\/)testing(\/|$)/.test(relative(folder, entry.parentPath)),
  );
  return wanted.map((entry) => join(entry.parentPath, entry.name)).sort();
}

/** The packages the agent imports; node-pty's binary is a package of its own for each platform. */
function* packageFolders(): Generator<[name: string, folder: string]> {
  const require = createRequire(import.meta.url);
  const folderOf = (name: string) => dirname(require.resolve(`${name}/package.json`));
  const binary = `@lydell/node-pty-${process.platform}-${process.arch}`;
  for (const name of ['ws', 'node-pty', binary]) yield [name, folderOf(name)];
}

async function contentHash(
  node: string,
  sources: readonly string[],
  packages: readonly [string, string][],
): Promise<string> {
  const hash = createHash('sha256');
  const { size, mtimeMs } = await stat(node);
  hash.update(`${process.version} ${size} ${mtimeMs}\n`);
  for (const file of sources) hash.update(`${file}\n`).update(await readFile(file));
  for (const [, folder] of packages) hash.update(await readFile(join(folder, 'package.json')));
  hash.update(JSON.stringify(etcFiles()));
  // how it is made is part of what it is
  for (const file of ['runtime.ts', 'plain-javascript.ts', 'services/forwarder.ts'])
    hash.update(await readFile(new URL(file, import.meta.url)));
  return hash.digest('hex').slice(0, 16);
}

async function toPlainJavaScript(from: string, to: string, sources: readonly string[]): Promise<void> {
  const program = new URL('./plain-javascript.ts', import.meta.url).pathname;
  const files = sources.map((file) => relative(from, file));
  await promisify(execFile)(process.execPath, [
    '--disable-warning=ExperimentalWarning',
    program,
    from,
    to,
    ...files,
  ]);
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

async function exists(path: string): Promise<boolean> {
  try {
    await stat(path);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return false;
    throw error;
  }
}
