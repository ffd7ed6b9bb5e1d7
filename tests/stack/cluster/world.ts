/** A whole server whose sandboxes are pods of the tests' cluster, in a namespace of its own that goes with it. */
import { openWorld, type World } from '../../world/server.ts';
import { newId } from '../../../sandbox-server/sandboxes/ids.ts';
import {
  LIMITS,
  REQUESTS,
  namespaceObject,
  openShared,
} from '../../../sandbox-server/sandboxes/kubernetes/testing/cluster-subject.ts';

export interface ClusterWorld extends AsyncDisposable {
  readonly world: World;
  readonly namespace: string;
  /** of the cluster: `log/audit.jsonl` is below it; null: a person's own */
  readonly folder: string | null;
  /** in this namespace */
  kubectl(...words: readonly string[]): Promise<string>;
  /** name of the pod that a lab has */
  podOf(lab: string): Promise<string>;
  /** a line of shell as the learner, in the lab's pod. @returns what it printed */
  inPod(lab: string, line: string): Promise<string>;
  /** as a node that died: at once, and without a word */
  forceAway(lab: string): Promise<void>;
}

/** @param settings laid over those of a server on this cluster */
export async function clusterWorld(settings: Readonly<Record<string, unknown>>): Promise<ClusterWorld> {
  const { cluster, image } = await openShared();
  const namespace = `homes-${newId().slice(0, 10)}`;
  await cluster.apply(namespaceObject(namespace));
  const kubectl = (...words: readonly string[]): Promise<string> =>
    cluster.kubectlOk(['-n', namespace, ...words]);
  const removeNamespace = async (): Promise<void> => {
    await cluster.kubectl(['delete', 'namespace', namespace, '--wait=false']);
    await kubectl('delete', 'deployments,pods', '--all', '--grace-period=1', '--wait=false');
  };
  const { kubeconfig } = cluster;
  const driver = {
    kind: 'kubernetes',
    kubeconfig,
    namespace,
    images: { base: image },
    requests: REQUESTS,
  };
  const world = await openWorld({ driver, limits: LIMITS, warm: { base: 1 }, ...settings }).catch(
    async (error: unknown) => {
      await removeNamespace();
      throw error;
    },
  );
  const podOf = (lab: string): Promise<string> =>
    kubectl('get', 'pods', '-l', `palestra.dev/lab=${lab}`, '-o', 'jsonpath={.items[0].metadata.name}');
  return {
    world,
    namespace,
    folder: cluster.folder,
    kubectl,
    podOf,
    inPod: async (lab, line) => kubectl('exec', await podOf(lab), '--', 'bash', '-c', line),
    async forceAway(lab) {
      await kubectl('delete', 'pod', await podOf(lab), '--grace-period=0', '--force');
    },
    async [Symbol.asyncDispose]() {
      await world.close();
      await removeNamespace();
    },
  };
}
