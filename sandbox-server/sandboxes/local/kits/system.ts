/**
 * What a kit needs of the system itself: Debian packages, and extension modules of the system's Python that no index
 * offers (gfal2). Installed where this process may; else the one line that does it is the error.
 */
import { access, readdir, symlink } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { Problem } from '../../../contract/errors.ts';
import { outcome } from '../probe/command.ts';
import type { SystemPackage } from './kit-file.ts';
import type { Python } from './python.ts';
import { runTool } from './tool.ts';

/** s that apt waits for another apt */
const APT_WAITS = 180;
/** apt's words where its lists were never fetched, or are older than the packages they name */
const OLD_LISTS = /Unable to locate package|no installation candidate|Failed to fetch|Unable to fetch/;

/** @returns those whose file is not there */
export async function missingPackages(packages: readonly SystemPackage[]): Promise<readonly SystemPackage[]> {
  const there = await Promise.all(packages.map((one) => exists(one.file)));
  return packages.filter((_, index) => there[index] !== true);
}

interface SystemInstall {
  /** the kit's title, for the sentence */
  readonly title: string;
  readonly packages: readonly SystemPackage[];
  readonly signal: AbortSignal;
  readonly onBegin: (text: string) => void;
  /** default: root on a system with apt-get */
  readonly may?: boolean;
  /** the program that installs; tests put another one here */
  readonly apt?: string;
}

/** Installs what is missing. @throws Problem `kit-missing` with the line to type, where it may not */
export async function provideSystem(install: SystemInstall): Promise<void> {
  const missing = await missingPackages(install.packages);
  if (missing.length === 0) return;
  const names = missing.map((one) => one.package);
  const apt = install.apt ?? '/usr/bin/apt-get';
  const may = install.may ?? (process.getuid?.() === 0 && (await exists(apt)));
  if (!may) throw notHere(install.title, names);
  install.onBegin(`Installing ${names.join(', ')} for the ${install.title} kit`);
  await aptInstall(apt, names, install.signal);
  const still = await missingPackages(missing);
  if (still.length > 0)
    throw notHere(
      install.title,
      still.map((one) => one.package),
    );
}

async function aptInstall(apt: string, names: readonly string[], signal: AbortSignal): Promise<void> {
  const words = ['env', 'DEBIAN_FRONTEND=noninteractive', apt, '-o', `DPkg::Lock::Timeout=${APT_WAITS}`];
  const install = [...words, 'install', '-y', '--no-install-recommends', ...names];
  try {
    await runTool(install, signal);
  } catch (error) {
    signal.throwIfAborted();
    if (!(error instanceof Error && OLD_LISTS.test(error.message))) throw error;
    await runTool([...words, 'update'], signal);
    await runTool(install, signal);
  }
}

function notHere(title: string, names: readonly string[]): Problem {
  return new Problem(
    'kit-missing',
    `The ${title} kit needs packages of the system that are not installed: sudo apt-get install ${names.join(' ')}`,
  );
}

/**
 * Links each module that this interpreter itself can import into an environment made on it.
 * @returns those that it cannot: another Python than the one the system's package was built for
 */
export async function linkSystemModules(
  modules: readonly string[],
  python: Python,
  environment: string,
): Promise<readonly string[]> {
  const absent: string[] = [];
  for (const name of modules) {
    const file = await moduleFile(name, python);
    if (file === null) absent.push(name);
    else await linkOnce(file, join(await sitePackages(environment), basename(file)));
  }
  return absent;
}

/** A link that is there already is the one that the kit below has made. */
export async function linkOnce(target: string, path: string): Promise<void> {
  await symlink(target, path).catch((error: unknown) => {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  });
}

async function moduleFile(name: string, python: Python): Promise<string | null> {
  const asked = await outcome([python.path, '-I', '-c', `import ${name}; print(${name}.__file__)`]);
  return asked.ok ? asked.stdout.trim() : null;
}

async function sitePackages(environment: string): Promise<string> {
  const [python = 'python3'] = await readdir(join(environment, 'lib'));
  return join(environment, 'lib', python, 'site-packages');
}

async function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    (error: unknown) => {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return false;
      throw error;
    },
  );
}
