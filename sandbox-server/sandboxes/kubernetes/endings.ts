/** How pods end: by us (a release), by a lost race (a drop), or by themselves (told as lost). */
import type { ClusterPods } from './cluster-pods.ts';
import { releasePatch } from './objects/claim-patch.ts';
import type { PodView } from './objects/pod.ts';
import type { Pods } from './pods.ts';

/** the home is saved: nothing is waited for inside */
const GRACE_SECONDS = 1;
/** a kubelet takes a second or two; a node that is away takes for ever */
const GONE_MS = 45_000;

export interface Endings {
  /** Says to all servers that it is meant, ends it and waits until it is gone. Throws ApiError. */
  end(view: PodView): Promise<void>;
  /** whether this server ends it, or a server said that it does */
  meant(view: PodView): boolean;
}

export function createEndings(cluster: ClusterPods, pods: Pods): Endings {
  const going = new Map<string, Promise<void>>();
  const end = async (view: PodView): Promise<void> => {
    if (view.state === 'claimed' && !view.released)
      await cluster.patch(view.name, releasePatch(view.uid, Date.now()));
    await cluster.remove(view, GRACE_SECONDS);
    await pods
      .until(view.uid, (now) => (now === undefined ? true : undefined), AbortSignal.timeout(GONE_MS))
      .catch((error: unknown) => {
        // its node does not answer: the API server keeps the name, nothing of ours waits for it any longer
        if (!(error instanceof DOMException) || error.name !== 'TimeoutError') throw error;
      });
  };
  return {
    end(view) {
      const now = going.get(view.uid) ?? end(view).finally(() => going.delete(view.uid));
      going.set(view.uid, now);
      return now;
    },
    meant: (view) => view.released || going.has(view.uid),
  };
}
