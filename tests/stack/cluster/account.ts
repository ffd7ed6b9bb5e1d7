/** The tests' cluster as one of its accounts, which an administrator's kubeconfig is not. */
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { KubeConfig } from '@kubernetes/client-node';
import type { Cluster } from './cluster.ts';

/** With its rights and no other, for two hours. @returns the kubeconfig's file, in the folder */
export async function kubeconfigOf(
  cluster: Cluster,
  folder: string,
  { namespace, account }: { readonly namespace: string; readonly account: string },
): Promise<string> {
  const token = await cluster.kubectlOk(['create', 'token', account, '-n', namespace, '--duration=2h']);
  const admin = new KubeConfig();
  admin.loadFromFile(cluster.kubeconfig);
  const { server, caData, caFile } = admin.getCurrentCluster() ?? { server: '' };
  const ca = caData ?? (await readFile(caFile ?? '')).toString('base64');
  const config = new KubeConfig();
  config.loadFromClusterAndUser(
    { name: 'c', server, caData: ca, skipTLSVerify: false },
    { name: account, token: token.trim() },
  );
  const file = join(folder, 'server.kubeconfig');
  await writeFile(file, config.exportConfig(), { mode: 0o600 });
  return file;
}
