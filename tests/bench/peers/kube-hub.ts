/**
 * JupyterHub with KubeSpawner on the same cluster: the hub on this machine, users' servers as pods of our own image, their
 * Python packages mounted from the node, so that neither side pulls or unpacks anything. Installed once under
 * .palestra/bench/ (about 90 s).
 */
import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { newId } from '../../../sandbox-server/sandboxes/ids.ts';
import {
  LIMITS,
  REQUESTS,
  openShared,
} from '../../../sandbox-server/sandboxes/kubernetes/testing/cluster-subject.ts';
import { FOLDER, installHub, openHub, type Hub } from './jupyterhub.ts';

const run = promisify(execFile);
const SPAWNER = 'jupyterhub-kubespawner==7.1.0';

export async function installKubeHub(say: (line: string) => void): Promise<void> {
  await installHub(say);
  const done = join(FOLDER, 'kubespawner');
  if (existsSync(done)) return;
  say('installing KubeSpawner …');
  await run(join(FOLDER, 'venv/bin/pip'), ['install', '-q', SPAWNER]);
  await writeFile(done, '');
}

/** A namespace of its own that goes with it; pods in it may mount the node's folders. */
export async function hubPlace(): Promise<AsyncDisposable & { readonly namespace: string }> {
  const { cluster } = await openShared();
  const namespace = `hub-${newId().slice(0, 10)}`;
  const labels = { 'pod-security.kubernetes.io/enforce': 'privileged' };
  await cluster.apply({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespace, labels } });
  return {
    namespace,
    async [Symbol.asyncDispose]() {
      await cluster.kubectl(['delete', 'namespace', namespace, '--wait=false']);
      await cluster.kubectl(['-n', namespace, 'delete', 'pods', '--all', '--grace-period=1', '--wait=false']);
    },
  };
}

/** @param namespace one without bounds of ours: what is mounted from the node is not for learners */
export async function openKubeHub(namespace: string): Promise<Hub> {
  const { cluster, image } = await openShared();
  if (cluster.addresses === null) throw new Error('only on the dev cluster: its pods can reach this machine');
  const mounted = join(FOLDER, 'venv');
  const [python = ''] = await readdir(join(mounted, 'lib'));
  return openHub({
    host: cluster.addresses.host,
    env: { KUBECONFIG: cluster.kubeconfig },
    spawner: spawner({ namespace, image, mounted, python }),
  });
}

interface Place {
  readonly namespace: string;
  readonly image: string;
  /** folder of the node: the virtual environment, whose interpreter is the image's own of the same version */
  readonly mounted: string;
  /** e.g. `python3.11` */
  readonly python: string;
}

function spawner({ namespace, image, mounted, python }: Place): string {
  return `
c.JupyterHub.spawner_class = 'kubespawner.KubeSpawner'
c.KubeSpawner.namespace = '${namespace}'
c.KubeSpawner.image = '${image}'
c.KubeSpawner.image_pull_policy = 'Never'
c.KubeSpawner.extra_container_config = {'command': ['python3']}
c.KubeSpawner.cmd = ['-m', 'jupyterhub.singleuser']
c.KubeSpawner.environment = {
    'PYTHONPATH': '/opt/hub/lib/${python}/site-packages',
    'JUPYTER_CONFIG_PATH': '/opt/hub/etc/jupyter',
    'JUPYTER_PATH': '/opt/hub/share/jupyter',
    'JUPYTERLAB_DIR': '/opt/hub/share/jupyter/lab',
    'HOME': '/home/learner',
}
c.KubeSpawner.working_dir = '/home/learner'
c.KubeSpawner.volumes = [
    {'name': 'hub', 'hostPath': {'path': '${mounted}', 'type': 'Directory'}},
    {'name': 'home', 'emptyDir': {}},
    {'name': 'tmp', 'emptyDir': {'medium': 'Memory'}},
]
c.KubeSpawner.volume_mounts = [
    {'name': 'hub', 'mountPath': '/opt/hub', 'readOnly': True},
    {'name': 'home', 'mountPath': '/home/learner'},
    {'name': 'tmp', 'mountPath': '/tmp'},
]
c.KubeSpawner.uid = 1000
c.KubeSpawner.gid = 1000
c.KubeSpawner.fs_gid = 1000
c.KubeSpawner.automount_service_account_token = False
c.KubeSpawner.cpu_limit = ${LIMITS.cpu}
c.KubeSpawner.mem_limit = ${LIMITS.memory}
c.KubeSpawner.cpu_guarantee = ${REQUESTS.cpu}
c.KubeSpawner.mem_guarantee = ${REQUESTS.memory}
c.KubeSpawner.delete_grace_period = 1
`;
}
