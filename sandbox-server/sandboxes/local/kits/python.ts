/** The interpreter kits are built on: at least 3.11, and readable by the sandboxes' users. */
import { realpath } from 'node:fs/promises';
import { atLeast, outcome, versionIn } from '../probe/command.ts';

export interface Python {
  readonly path: string;
  readonly version: string;
  /** where it lives when that is not /usr, which every sandbox sees; to be made visible at the same path */
  readonly prefix: string | null;
}

const SYSTEM = ['3.14', '3.13', '3.12', '3.11'].map((version) => `/usr/bin/python${version}`);

/**
 * The system's own first: every sandbox sees /usr. Another one (of pyenv, of conda) only for a server
 * that is not root, since it most likely stands in a home that other users cannot read.
 */
export async function findPython(
  asRoot = process.getuid?.() === 0,
  path = process.env['PATH'] ?? '',
): Promise<Python | null> {
  const others = asRoot ? [] : path.split(':').map((folder) => `${folder}/python3`);
  for (const candidate of ['/usr/bin/python3', ...SYSTEM, '/usr/local/bin/python3', ...others]) {
    const python = await look(candidate);
    if (python !== null && (!asRoot || python.prefix === null)) return python;
  }
  return null;
}

async function look(candidate: string): Promise<Python | null> {
  const asked = await outcome([
    candidate,
    '-I',
    '-c',
    'import sys; print(sys.version.split()[0], sys.executable, sys.base_prefix)',
  ]);
  if (!asked.ok) return null;
  const [version = '', executable = '', base = ''] = asked.stdout.trim().split(' ');
  if (!atLeast(versionIn(version), 3, 11)) return null;
  const prefix = await realpath(base);
  return {
    path: await realpath(executable),
    version,
    prefix: prefix === '/usr' || prefix.startsWith('/usr/') ? null : prefix,
  };
}
