/** Programs to use with a cluster, by the names people know them by. */
import { mkdir, symlink } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { Problem } from '../../sandbox-server/contract/errors.ts';
import { isThere } from '../../sandbox-server/sandboxes/local/settle.ts';
import { missingBinaries, placeBinaries } from './binaries/binaries.ts';
import type { ClusterPlace } from './place.ts';

/**
 * @param name kubectl, helm or ctr
 * @returns an absolute path. @throws Problem `unavailable` for one that is not built, `not-found` for another name
 */
export async function toolPath(place: ClusterPlace, name: string): Promise<string> {
  if (name === 'ctr') return '/usr/bin/ctr';
  if (name !== 'kubectl' && name !== 'helm')
    throw new Problem('not-found', `There is no tool ${name}; there are kubectl, helm and ctr.`);
  const binaries = await placeBinaries(place.cache);
  const binary = name === 'helm' ? 'helm' : 'kube';
  if ((await missingBinaries(binaries, [binary])).length > 0)
    throw new Problem('unavailable', `${name} is not built yet: node infra/dev-cluster/cluster.ts build`);
  return name === 'helm' ? binaries.helm : kubectl(binaries.kube);
}

/** The one binary is what it is called by. */
async function kubectl(kube: string): Promise<string> {
  const link = join(dirname(kube), 'kubectl');
  await mkdir(dirname(link), { recursive: true });
  if (!(await isThere(link)))
    await symlink('kube', link).catch((error: unknown) => {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    });
  return link;
}
