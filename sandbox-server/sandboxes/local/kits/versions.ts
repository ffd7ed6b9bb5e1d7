/** Versions of the packages that a kit shows, from the names of their metadata folders. */
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';

/** @returns those that are installed, under the names and in the order of `wanted` */
export async function versionsIn(kit: string, wanted: readonly string[]): Promise<Record<string, string>> {
  const lib = await readdir(join(kit, 'lib')).catch((error: unknown) => {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return []; // an interpreter alone
    throw error;
  });
  const folders = await Promise.all(lib.map((python) => readdir(join(kit, 'lib', python, 'site-packages'))));
  const installed = new Map(
    folders.flat().flatMap((entry) => {
      const [, name, version] = /^(.+)-([^-]+)\.dist-info$/.exec(entry) ?? [];
      return name === undefined || version === undefined ? [] : [[packageName(name), version] as const];
    }),
  );
  return Object.fromEntries(
    wanted.flatMap((name) => {
      const version = installed.get(packageName(name));
      return version === undefined ? [] : [[name, version]];
    }),
  );
}

/** One name for all its spellings (PEP 503): the folder of dask-kubernetes is dask_kubernetes-… */
export function packageName(name: string): string {
  return name.toLowerCase().replace(/[-_.]+/g, '-');
}
