/** Images into the dev cluster's containerd: no registry is needed. */
import { access } from 'node:fs/promises';
import { join } from 'node:path';
import { Problem } from '../../sandbox-server/contract/errors.ts';
import { runTool } from '../../sandbox-server/sandboxes/local/kits/tool.ts';
import { ROOT } from './place.ts';

type Env = Readonly<Record<string, string | undefined>>;

/** @throws Problem `unavailable` where no dev cluster runs */
export async function loadIntoCluster(
  archive: string,
  signal: AbortSignal,
  env: Env = process.env,
): Promise<void> {
  const socket = await clusterSocket(env);
  await runTool(['ctr', '--address', socket, '--namespace', 'k8s.io', 'images', 'import', archive], signal);
}

async function clusterSocket(env: Env): Promise<string> {
  const socket = join(env['PALESTRA_STATE'] ?? join(ROOT, '.palestra'), 'cluster/containerd.sock');
  const there = await access(socket).then(
    () => true,
    (error: unknown) => {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return false;
      throw error;
    },
  );
  if (there) return socket;
  throw new Problem(
    'unavailable',
    'There is no dev cluster to load images into: infra/dev-cluster/up starts one.',
  );
}
