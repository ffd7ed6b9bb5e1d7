/** A person's own cluster (kind, k3d, minikube, a real one) instead of the dev cluster: named, never guessed. */
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Problem } from '../../sandbox-server/contract/errors.ts';
import { run } from '../machine/run.ts';
import type { ClusterPlace } from './place.ts';

export interface Used {
  readonly kubeconfig: string;
  readonly context: string;
}

/**
 * One context of the person's kubeconfigs (`$KUBECONFIG`, `~/.kube/config`) as a file of its own, so that nothing that
 * is done with it can reach another of their clusters.
 * @throws Problem `not-found` for a context that they have not
 */
export async function ownKubeconfig(
  place: ClusterPlace,
  context: string,
  kubectl: string,
  env: NodeJS.ProcessEnv,
): Promise<Used> {
  const words = ['config', 'view', '--raw', '--minify', '--flatten', '--context', context];
  const heard = { PATH: env['PATH'] ?? '', HOME: env['HOME'] ?? '', KUBECONFIG: env['KUBECONFIG'] ?? '' };
  const text = await run([kubectl, ...words], { env: heard, cwd: process.cwd() }).catch((error: unknown) => {
    throw new Problem('not-found', `There is no context ${context} in your kubeconfigs.`, { cause: error });
  });
  const kubeconfig = join(place.root, `${context.replaceAll(/[^\w.-]/g, '-')}.kubeconfig`);
  await mkdir(place.root, { recursive: true, mode: 0o700 });
  await writeFile(kubeconfig, text, { mode: 0o600 });
  return { kubeconfig, context };
}
